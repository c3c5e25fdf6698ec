//! The types that cross to the interface. All instants are milliseconds since 1970 in the metropolis's time.

mod alarm;
mod city;
mod command;
mod flood;
mod group;
mod lock;
mod object;
mod procedure;
mod programme;
mod record;
mod source;
mod status;
mod zone;

pub use alarm::{
    AlarmAckArgs, AlarmActView, AlarmArgs, AlarmAssignArgs, AlarmCause, AlarmCount, AlarmFilter, AlarmFlood, AlarmList,
    AlarmListKind, AlarmPending, AlarmSheet, AlarmShelveArgs, AlarmSummary, AlarmView, AlarmVoid, DeskLoadView,
    NoticeView,
};
pub use city::{CameraCone, City, CommuneView, GroundFileView, GroundTilesView, GroundView, ServiceView, ZoneView};
pub use command::{
    CommandView, EventView, OperateArgs, Preparation, PrepareArgs, ReasonArgs, Review, ReviewCard, ReviewLabel,
};
pub use flood::{
    FloodView, ForecastPointView, ForecastView, GaugeSheet, GaugeView, HeightView, LevelView, LostHow, PastFloodView,
    ReachView, ThresholdView, UnderWater, UnderWaterArgs, WetKind,
};
pub use group::{
    GroupArgs, GroupChoice, GroupExcluded, GroupKind, GroupLook, GroupLookArgs, GroupMemberView, GroupObject,
    GroupOperateArgs, GroupPreparation, GroupPrepareArgs, GroupSheet, GroupView, ReviewGroup, SaveGroupArgs,
    SavedGroupArgs, SavedGroupView,
};
pub use lock::{
    ChangeView, EffectStanding, EffectView, LockArgs, LockAskArgs, LockExtendArgs, LockForceArgs, LockView, WaitedFor,
};
pub use object::{
    ActionView, CommuneCount, HistoryArgs, HistoryLine, ObjectArgs, ObjectFilter, ObjectLine, ObjectPage, ObjectSheet,
    ObjectsFound, ParameterView, PlaceView, PlacesFound, PointArgs, PointRuns, SearchArgs, Selection, ServiceCount,
    Tally,
};
pub use procedure::{
    AnswerArgs, AskSecondArgs, DeskChoice, ExcludedCount, GiveObjectArgs, HoldLiveArgs, HoldView, NeedsView, PilotView,
    RequestArgs, RequestGroupView, RequestView, ReviewSoleArgs, SelectionView, SoleArgs, SoleReviewView,
};
pub use programme::{
    FormerView, ObjectProgramme, ProgrammeArgs, ProgrammePreview, ProgrammePreviewArgs, ProgrammeStage, ProgrammeView,
    ReturnProgrammeArgs, ReturnedProgramme, SaveProgrammeArgs,
};
pub use record::{
    DraftArgs, DraftView, Exported, FileLineArgs, LinkedView, LogArgs, LogLineView, RecordArgs, RecordView, RecordsView,
};
pub use source::SourceView;
pub use status::{
    AccountLine, CertificateHolder, CertificateNotice, Counts, Door, LinkView, Phase, Progress, Push, ResumeArgs,
    SignInArgs, Status, Suspended, TrainingArgs, TrainingView,
};

pub use zone::{DropZoneArgs, ZoneArgs, ZoneChanged, ZoneCheck, ZoneSaved, ZonesView};

use serde::{Deserialize, Serialize};

/// A command that takes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct NoArgs {}
