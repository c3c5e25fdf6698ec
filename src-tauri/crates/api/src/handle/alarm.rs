//! Alarms: the bar, lists, sheets, and what a person does with one.

use vigie_core::alarm::HandlingKind;
use vigie_core::table::Alarm;
use vigie_engine::{Engine, EngineError, Handle, ShownAlarm};

use crate::Api;
use crate::dto::{
    AlarmAckArgs, AlarmArgs, AlarmAssignArgs, AlarmFilter, AlarmList, AlarmListKind, AlarmSheet, AlarmShelveArgs,
    AlarmSummary, AlarmView, NoArgs,
};
use crate::error::ApiError;
use crate::view::{self, Page};

/// Most lines of one page.
const LINES: u32 = 500;
/// Most other occurrences on a sheet.
const OTHERS: usize = 50;

impl Api {
    pub(crate) async fn alarm_summary(&self, _: NoArgs) -> Result<AlarmSummary, ApiError> {
        Ok(view::alarm_summary(&self.engine().await?, self.inner.session.suspended().is_none()))
    }

    pub(crate) async fn alarms(&self, filter: AlarmFilter) -> Result<AlarmList, ApiError> {
        let engine = self.engine().await?;
        let open = engine.alarms();
        let page = Page::new(&engine, &open, self.inner.session.suspended().is_none());
        let found: Vec<ShownAlarm> = match filter.list {
            AlarmListKind::Closed => engine.closed_alarms().await?.into_iter().map(plain).collect(),
            AlarmListKind::Shelved => open.into_iter().filter(|shown| shown.alarm.suspended).collect(),
            AlarmListKind::Open => open.into_iter().filter(|shown| !shown.alarm.suspended).collect(),
        };
        let here = engine.status();
        let found: Vec<_> =
            found.into_iter().filter(|shown| keeps(&engine, here.desk.as_deref(), &filter, shown)).collect();
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let limit = if filter.limit == 0 { LINES } else { filter.limit.min(LINES) };
        let lines = found.into_iter().skip(filter.offset as usize).take(limit as usize);
        Ok(AlarmList { total, alarms: lines.map(|shown| page.view(shown)).collect() })
    }

    pub(crate) async fn alarm(&self, args: AlarmArgs) -> Result<AlarmSheet, ApiError> {
        let engine = self.engine().await?;
        let open = engine.alarms();
        let page = Page::new(&engine, &open, self.inner.session.suspended().is_none());
        let shown = match open.iter().find(|shown| shown.alarm.alarm_id == args.alarm_id) {
            Some(shown) => shown.clone(),
            None => plain(engine.alarm(args.alarm_id).await?.ok_or(EngineError::NotFound)?),
        };
        let others = match shown.alarm.equipment_id {
            Some(object) => engine.alarms_of(object).await?,
            None => Vec::new(),
        };
        let under = open.iter().filter(|other| other.alarm.cause_id == Some(args.alarm_id)).take(LINES as usize);
        Ok(AlarmSheet {
            acts: engine.alarm_acts(args.alarm_id).await?.iter().map(|act| page.act(act)).collect(),
            under: under.cloned().map(|shown| page.view(shown)).collect(),
            others: others
                .into_iter()
                .filter(|other| other.alarm_id != args.alarm_id)
                .take(OTHERS)
                .map(|other| page.closed(other))
                .collect(),
            alarm: page.view(shown),
        })
    }

    pub(crate) async fn acknowledge_alarm(&self, args: AlarmAckArgs) -> Result<AlarmView, ApiError> {
        self.handle(Handle { priority: args.priority.into(), ..plainly(HandlingKind::Acknowledge, args.alarm_id) })
            .await
    }

    pub(crate) async fn shelve_alarm(&self, args: AlarmShelveArgs) -> Result<AlarmView, ApiError> {
        self.handle(Handle {
            priority: args.priority.into(),
            until: Some(args.until),
            reason: Some(args.reason),
            ..plainly(HandlingKind::Shelve, args.alarm_id)
        })
        .await
    }

    pub(crate) async fn unshelve_alarm(&self, args: AlarmArgs) -> Result<AlarmView, ApiError> {
        self.handle(plainly(HandlingKind::Unshelve, args.alarm_id)).await
    }

    pub(crate) async fn assign_alarm(&self, args: AlarmAssignArgs) -> Result<AlarmView, ApiError> {
        self.handle(Handle {
            priority: args.priority.into(),
            to_desk: Some(args.desk_id),
            ..plainly(HandlingKind::Assign, args.alarm_id)
        })
        .await
    }

    async fn handle(&self, asked: Handle) -> Result<AlarmView, ApiError> {
        let engine = self.engine().await?;
        engine.handle_alarm(asked).await?;
        let open = engine.alarms();
        let page = Page::new(&engine, &open, self.inner.session.suspended().is_none());
        match open.iter().find(|shown| shown.alarm.alarm_id == asked.alarm_id) {
            Some(shown) => Ok(page.view(shown.clone())),
            // The metropolis was quick: it has left the list already.
            None => Ok(page.closed(engine.alarm(asked.alarm_id).await?.ok_or(EngineError::NotFound)?)),
        }
    }
}

fn plainly(kind: HandlingKind, alarm_id: vigie_core::ids::AlarmId) -> Handle {
    Handle { kind, alarm_id, priority: 3, until: None, reason: None, to_desk: None }
}

fn plain(alarm: Alarm) -> ShownAlarm {
    ShownAlarm { alarm, under: 0, waiting: Vec::new(), came_to: None }
}

fn keeps(engine: &Engine, here: Option<&str>, filter: &AlarmFilter, shown: &ShownAlarm) -> bool {
    let alarm = &shown.alarm;
    let under = match filter.under {
        Some(cause) => alarm.cause_id == Some(cause),
        None => filter.flat || filter.list != AlarmListKind::Open || alarm.cause_id.is_none(),
    };
    let priority = u8::try_from(alarm.priority).unwrap_or(u8::MAX);
    let cheap = under
        && filter.equipment_id.is_none_or(|id| alarm.equipment_id == Some(id))
        && (filter.priorities.is_empty() || filter.priorities.contains(&priority))
        && (!filter.untaken || shown.asks());
    if !cheap {
        return false;
    }
    let at_home = || alarm.assigned_to.and_then(|desk| engine.desk(desk));
    if filter.mine && (here.is_none() || at_home().as_deref() != here) {
        return false;
    }
    if filter.kinds.is_empty() && filter.insee_code.is_none() {
        return true;
    }
    let found = alarm
        .equipment_id
        .and_then(|id| engine.picture(|p| p.object(id).map(|o| (o.equipment.kind, o.equipment.insee_code.clone()))));
    found.is_some_and(|(kind, insee)| {
        (filter.kinds.is_empty() || filter.kinds.contains(&kind))
            && filter.insee_code.as_ref().is_none_or(|wanted| *wanted == insee)
    })
}
