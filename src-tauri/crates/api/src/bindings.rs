//! The types that cross, as one TypeScript file.

use ts_rs::{Config, TS};

#[allow(clippy::wildcard_imports, reason = "this is the list of all that crosses")]
use crate::dto::*;
use crate::error::ApiError;

macro_rules! declarations {
    ($cfg:expr, $($type:ty),+ $(,)?) => {{
        let mut text = String::new();
        $(
            text.push_str("export ");
            text.push_str(&<$type as TS>::decl($cfg));
            text.push_str("\n\n");
        )+
        text
    }};
}

/// The whole of `ui/src/host/bindings.ts`, made from the types: stale ones fail the check.
pub fn bindings() -> String {
    use vigie_core::{
        alarm, command, equipment, ids, link, lock, port, programme, record, rights, search, source, submission, time,
        zone,
    };
    let cfg = Config::default();
    let mut text = String::from("// Made by `cargo xtask bindings` from the api's types. Do not edit.\n\n");
    text.push_str(
        "export type JsonValue = number | string | boolean | null | JsonValue[] | { [key: string]: JsonValue };\n\n",
    );
    text.push_str(&declarations!(
        &cfg,
        // The trade.
        time::Timestamp,
        ids::EquipmentId,
        ids::ZoneId,
        ids::CommandId,
        ids::GroupId,
        ids::SavedGroupId,
        ids::RecordId,
        ids::AlarmId,
        ids::DeskId,
        ids::RequestId,
        ids::ProgrammeId,
        equipment::EquipmentKind,
        equipment::Freshness,
        equipment::Break,
        search::PlaceKind,
        equipment::Look,
        equipment::Mark,
        equipment::Mode,
        equipment::Quality,
        equipment::Reach,
        equipment::Reading,
        command::Params,
        command::ClassCode,
        command::CommandState,
        command::CommandEventCode,
        command::EffectState,
        command::Word,
        command::Refusal,
        command::Refused,
        command::Admission,
        command::ChosenBy,
        command::Excluded,
        command::Seen,
        command::RequestState,
        command::VoidReason,
        command::SoleReason,
        command::Stage,
        command::FindingCode,
        command::Level,
        command::Finding,
        command::Consequence,
        command::Check,
        command::Motion,
        link::LinkState,
        port::MetropolisMode,
        port::OutboxState,
        rights::Role,
        submission::OutcomeStatus,
        record::LogKind,
        record::LinkKind,
        record::Link,
        record::RecordState,
        record::Authenticity,
        lock::LockState,
        lock::LiftWay,
        lock::HolderSaid,
        alarm::HandlingKind,
        alarm::HandlingEffect,
        alarm::ShelveReason,
        alarm::SiteWork,
        alarm::NoticeReason,
        alarm::LoadWord,
        source::SourceState,
        zone::ZoneKind,
        zone::ZoneFault,
        programme::ProgrammeKind,
        programme::Anchor,
        programme::Day,
        programme::NamedPlan,
        programme::Step,
        programme::Setting,
        programme::ControlProgramme,
        programme::Rule,
        programme::Content,
        programme::InvalidCode,
        programme::Invalid,
        programme::Hour,
        programme::Change,
        programme::NightOf,
        programme::PreviewFinding,
        programme::Standing,
        programme::Noticed,
        programme::NightPreview,
        programme::Preview,
        // What crosses.
        ApiError,
        NoArgs,
        Phase,
        Progress,
        Status,
        CertificateHolder,
        CertificateNotice,
        AccountLine,
        Door,
        LinkView,
        Counts,
        TrainingView,
        TrainingArgs,
        SignInArgs,
        ResumeArgs,
        Suspended,
        Selection,
        SourceView,
        Push,
        City,
        CommuneView,
        GroundView,
        ServiceView,
        GroundFileView,
        GroundTilesView,
        ZoneView,
        ZonesView,
        ZoneArgs,
        ZoneCheck,
        DropZoneArgs,
        ZoneSaved,
        ZoneChanged,
        CameraCone,
        ObjectArgs,
        PointArgs,
        SearchArgs,
        ObjectsFound,
        PlacesFound,
        PlaceView,
        ObjectFilter,
        PointRuns,
        Tally,
        CommuneCount,
        ServiceCount,
        ObjectPage,
        ObjectLine,
        ObjectSheet,
        ActionView,
        ParameterView,
        HistoryArgs,
        HistoryLine,
        PrepareArgs,
        NeedsView,
        HoldView,
        PilotView,
        DeskChoice,
        GiveObjectArgs,
        AskSecondArgs,
        RequestArgs,
        HoldLiveArgs,
        SelectionView,
        RequestGroupView,
        ExcludedCount,
        AnswerArgs,
        RequestView,
        SoleArgs,
        SoleReviewView,
        ReviewSoleArgs,
        Preparation,
        OperateArgs,
        ReasonArgs,
        CommandView,
        EventView,
        GroupChoice,
        GroupLookArgs,
        GroupLook,
        GroupKind,
        GroupPrepareArgs,
        GroupPreparation,
        GroupObject,
        GroupExcluded,
        GroupOperateArgs,
        GroupArgs,
        GroupView,
        GroupSheet,
        GroupMemberView,
        SavedGroupView,
        SaveGroupArgs,
        SavedGroupArgs,
        ReviewGroup,
        Review,
        ReviewCard,
        ReviewLabel,
        ProgrammeStage,
        ObjectProgramme,
        ProgrammeView,
        FormerView,
        ProgrammePreviewArgs,
        ProgrammePreview,
        SaveProgrammeArgs,
        ProgrammeArgs,
        ReturnProgrammeArgs,
        ReturnedProgramme,
        LockAskArgs,
        LockArgs,
        LockExtendArgs,
        LockForceArgs,
        ChangeView,
        WaitedFor,
        LockView,
        EffectStanding,
        EffectView,
        AlarmListKind,
        AlarmFilter,
        AlarmList,
        AlarmView,
        AlarmCause,
        AlarmPending,
        AlarmVoid,
        AlarmArgs,
        AlarmAckArgs,
        AlarmShelveArgs,
        AlarmAssignArgs,
        AlarmActView,
        AlarmSheet,
        AlarmCount,
        AlarmFlood,
        DeskLoadView,
        NoticeView,
        AlarmSummary,
        LogArgs,
        FileLineArgs,
        LogLineView,
        LinkedView,
        RecordArgs,
        RecordsView,
        RecordView,
        Exported,
        DraftView,
        DraftArgs,
    ));
    text.push_str(&codes());
    text.push_str(&crate::commands::typescript(&cfg));
    text
}

/// The closed lists as values, in the core's order: packed bytes are indices into them.
fn codes() -> String {
    use vigie_core::alarm;
    use vigie_core::equipment::{EquipmentKind, Freshness, Look, Mark};
    let list = |name: &str, kind: &str, codes: Vec<&str>| {
        let quoted: Vec<_> = codes.iter().map(|c| format!("\"{c}\"")).collect();
        format!("export const {name}: readonly {kind}[] = [{}];\n\n", quoted.join(", "))
    };
    let rules = alarm::default_rules();
    let actions: Vec<_> = vigie_core::command::actions().iter().map(|a| a.code).collect();
    [
        list("EQUIPMENT_KINDS", "EquipmentKind", EquipmentKind::ALL.iter().map(|k| k.code()).collect()),
        list("LOOKS", "Look", Look::ALL.iter().map(|l| l.code()).collect()),
        list("FRESHNESS", "Freshness", Freshness::ALL.iter().map(|f| f.code()).collect()),
        list("MARKS", "Mark", Mark::ALL.iter().map(|m| m.code()).collect()),
        list("ACTION_CODES", "string", actions),
        list("REFUSALS", "Refusal", vigie_core::command::Refusal::ALL.iter().map(|r| r.code()).collect()),
        list("REFUSED", "Refused", vigie_core::command::Refused::ALL.iter().map(|r| r.code()).collect()),
        list(
            "COMMAND_STATES",
            "CommandState",
            vigie_core::command::CommandState::ALL.iter().map(|s| s.code()).collect(),
        ),
        list("EXCLUDED", "Excluded", vigie_core::command::Excluded::ALL.iter().map(|e| e.code()).collect()),
        list("CHOSEN_BY", "ChosenBy", vigie_core::command::ChosenBy::ALL.iter().map(|c| c.code()).collect()),
        list(
            "INVALID_CODES",
            "InvalidCode",
            vigie_core::programme::InvalidCode::ALL.iter().map(|c| c.code()).collect(),
        ),
        list(
            "PREVIEW_FINDINGS",
            "PreviewFinding",
            vigie_core::programme::PreviewFinding::ALL.iter().map(|c| c.code()).collect(),
        ),
        list("ZONE_KINDS", "ZoneKind", vigie_core::zone::ZoneKind::ALL.iter().map(|k| k.code()).collect()),
        list("ZONE_FAULTS", "ZoneFault", vigie_core::zone::ZoneFault::ALL.iter().map(|f| f.code()).collect()),
        list("WORDS", "Word", vigie_core::command::Word::ALL.iter().map(|w| w.code()).collect()),
        list("SOLE_REASONS", "SoleReason", vigie_core::command::SoleReason::ALL.iter().map(|r| r.code()).collect()),
        list("RECORD_STATES", "RecordState", vigie_core::record::RecordState::ALL.iter().map(|s| s.code()).collect()),
        list("LOCK_STATES", "LockState", vigie_core::lock::LockState::ALL.iter().map(|s| s.code()).collect()),
        list("HOLDER_SAID", "HolderSaid", vigie_core::lock::HolderSaid::ALL.iter().map(|s| s.code()).collect()),
        list("HANDLING_EFFECTS", "HandlingEffect", alarm::HandlingEffect::ALL.iter().map(|e| e.code()).collect()),
        list("SHELVE_REASONS", "ShelveReason", alarm::ShelveReason::ALL.iter().map(|r| r.code()).collect()),
        list("SITE_WORKS", "SiteWork", alarm::SiteWork::ALL.iter().map(|s| s.code()).collect()),
        list("NOTICE_REASONS", "NoticeReason", alarm::NoticeReason::ALL.iter().map(|r| r.code()).collect()),
        list("LOAD_WORDS", "LoadWord", alarm::LoadWord::ALL.iter().map(|w| w.code()).collect()),
        list("ALARM_MESSAGES", "string", rules.iter().map(|rule| rule.code.as_str()).collect()),
        list("ROLES", "Role", vigie_core::rights::Role::ALL.iter().map(|r| r.code()).collect()),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_a_command_names_is_declared_once() {
        let text = bindings();
        for name in ["ObjectSheet", "CommandView", "Admission", "Reading", "Review", "Timestamp"] {
            assert_eq!(text.matches(&format!("export type {name} =")).count(), 1, "{name}");
        }
        assert!(text.contains("export interface Commands {"));
    }
}
