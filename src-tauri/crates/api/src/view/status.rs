//! The status and the link.

use vigie_core::link::LinkState;
use vigie_engine::{DeskStatus, Engine};

use crate::dto::{Counts, LinkView, Phase, Progress, Status};
use crate::error::ApiError;
use crate::source::Source;

/// Every hour on the screen is told in the metropolis's time zone.
const TIME_ZONE: &str = "Europe/Paris";

pub(crate) fn status(
    source: &Source,
    engine: Option<&Engine>,
    notice: Option<&str>,
    failure: Option<ApiError>,
) -> Status {
    let desk = engine.map(Engine::status);
    let identity = desk.as_ref().and_then(|d| d.identity.clone());
    let engine_failure = desk.as_ref().and_then(|d| d.failure.clone()).map(ApiError::from);
    let failed = failure.is_some();
    Status {
        phase: match &desk {
            None if failure.as_ref().is_some_and(asks_for_a_person) => Phase::SignIn,
            _ if failed => Phase::Failed,
            Some(desk) => phase(desk.phase),
            None => Phase::SignIn,
        },
        failure: failure.or_else(|| engine_failure.clone()),
        notice: notice.map(str::to_owned),
        progress: desk
            .as_ref()
            .and_then(|d| d.progress.clone())
            .map(|p| Progress { table: p.table.to_owned(), rows: p.rows }),
        metropolis: identity.as_ref().map(|i| i.name.clone()).or_else(|| source.name()),
        mode: identity.as_ref().map(|i| i.mode).or_else(|| source.mode()),
        login: source.account_name(),
        person: desk.as_ref().and_then(|d| d.person.clone()),
        role: identity.as_ref().map(|i| i.role),
        desk: desk.as_ref().and_then(|d| d.desk.clone()),
        shift_ends_at: desk.as_ref().and_then(|d| d.shift.as_ref().map(|s| s.ends_at)),
        time_zone: TIME_ZONE.to_owned(),
        shared: false,
        suspended: None,
        shows_certificate: source.shows_certificate(),
        certificates: Vec::new(),
        link: link(source, desk.as_ref(), engine_failure),
        training: source.training(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Whether the files stay closed until someone types the right password.
fn asks_for_a_person(failure: &ApiError) -> bool {
    matches!(
        failure.code.as_str(),
        "password_needed"
            | "wrong_password"
            | "offline_too_long"
            | "online_needed"
            | "sign_in_refused"
            | "no_shared_view"
    )
}

fn phase(phase: vigie_engine::Phase) -> Phase {
    match phase {
        vigie_engine::Phase::Starting => Phase::Starting,
        vigie_engine::Phase::SignIn => Phase::SignIn,
        vigie_engine::Phase::Copying => Phase::Copying,
        vigie_engine::Phase::Ready => Phase::Ready,
        vigie_engine::Phase::Failed => Phase::Failed,
    }
}

fn link(source: &Source, desk: Option<&DeskStatus>, error: Option<ApiError>) -> LinkView {
    let counts = desk.map(|d| d.counts).unwrap_or_default();
    LinkView {
        state: desk.map_or(LinkState::Starting, |d| d.link.state),
        heard_at: desk.and_then(|d| d.link.heard_at),
        now: desk.map_or_else(|| source.clock().now().wall, |d| d.now),
        clock_rate: source.clock_rate(desk.and_then(|d| d.identity.as_ref())),
        error,
        counts: Counts {
            queued: counts.queued,
            awaiting_key: counts.awaiting_key,
            intents: counts.intents,
            under_way: counts.under_way,
            unknown: counts.unknown,
            records: counts.records,
            wedged: counts.wedged,
            others: counts.others,
        },
    }
}
