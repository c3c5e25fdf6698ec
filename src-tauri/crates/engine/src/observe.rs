//! What the engine tells those who watch it.

use std::sync::Arc;

/// Something changed. A watcher that lags must fetch everything again.
#[derive(Debug, Clone)]
pub enum Observed {
    /// The desk's status or the link.
    Status,
    /// The city was copied anew: local ids are new.
    City(u32),
    /// Some command, own or other.
    Commands,
    /// The log, or a record on its way.
    Records,
    /// Some crew lock.
    Locks,
    /// Who was asked to approve what, or which desk pilots what.
    Procedure,
    /// Some programme, or which object has which.
    Programmes,
    /// Some reach, forecast or level of the water.
    Rivers,
    /// Some zone.
    Zones,
    /// Some alarm, or what stands over every screen.
    Alarms,
    /// Objects whose row or look changed: local id and state byte, of a generation.
    Points(u32, Arc<Vec<(u32, u8)>>),
}
