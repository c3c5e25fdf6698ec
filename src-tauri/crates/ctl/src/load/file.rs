//! A file into a metropolis: read and judged in its own thread, staged in batches, taken all at once or not at all.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use vigie_core::equipment::EquipmentKind;
use vigie_core::inventory::{Crs, Refused, Services, Territory, Waters};
use vigie_core::table::{Commune, Equipment, Inundation, Row, Service, TableRow, TableSpec, Zone, table};
use vigie_core::time::Clock;
use vigie_machine::MachineClock;
use vigie_metropolis::{Admin, Comparison, Staging};

use crate::address::Address;
use crate::error::CtlError;
use crate::format::{Format, Found, Inventory, read};
use crate::load::FileArgs;
use crate::load::judge::Judge;
use crate::load::report::Report;

/// Records in a batch, and batches between the thread that reads and the one that sends: what is in memory.
const BATCH: usize = 2_000;
const AHEAD: usize = 4;
/// How often progress is said, to a person and to a log.
const TO_A_PERSON: Duration = Duration::from_millis(500);
const TO_A_LOG: Duration = Duration::from_secs(30);

impl Inventory {
    /// The table it fills.
    pub(crate) fn table(self) -> Option<&'static TableSpec> {
        table(match self {
            Self::Equipment => Equipment::SPEC.name,
            Self::Zones => Zone::SPEC.name,
            Self::Services => Service::SPEC.name,
            Self::Inundations => Inundation::SPEC.name,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Equipment => "equipment",
            Self::Zones => "zones",
            Self::Services => "services",
            Self::Inundations => "levels of water",
        }
    }
}

/// Loads a file.
pub(super) async fn run(metropolis: &str, inventory: Inventory, path: &Path, args: &FileArgs) -> Result<(), CtlError> {
    let address = Address::new(metropolis)?;
    Format::of(path)?;
    let mut admin = Admin::connect(address.url(), None).await?;
    let name = admin.info().await?.name;
    let territory = Territory::new(&all::<Commune>(&mut admin, "insee_code").await?);
    let services = Services::new(&all::<Service>(&mut admin, "code").await?);
    let waters = if inventory == Inventory::Inundations { waters(&mut admin).await? } else { Waters::default() };
    let Some(table) = inventory.table() else { return Err(CtlError::ReaderLost) };
    let mut report = Report::create(args.report.as_deref())?;
    let mut staging = admin.stage(table).await?;
    let judge = Judge::new(inventory, territory, services, waters);
    fill(&mut staging, judge, path.to_owned(), args.crs.map(Crs::from), &mut report).await?;
    let done = staging.compare().await?;
    let refused = report.finish()?;
    let outcome = match (refused, args.dry_run, args.all_or_nothing) {
        (0, ..) => Ok(()),
        (_, true, _) => Err(CtlError::WouldRefuse(refused)),
        (_, false, true) => Err(CtlError::AllOrNothing(refused)),
        (_, false, false) => Err(CtlError::Refused(refused)),
    };
    if args.dry_run || matches!(outcome, Err(CtlError::AllOrNothing(_))) {
        staging.give_up().await?;
        println!("{name}, nothing written: {}", told(inventory, &done, refused));
    } else {
        staging.apply().await?;
        println!("{name}: {}", told(inventory, &done, refused));
    }
    outcome
}

fn told(inventory: Inventory, done: &Comparison, refused: u64) -> String {
    format!(
        "{}: {} created, {} changed, {} unchanged, {refused} refused; {} others are not in the file and stay",
        inventory.word(),
        done.created,
        done.changed,
        done.unchanged,
        done.left
    )
}

/// Gauges and zones, which levels of water name.
pub(crate) async fn waters(admin: &mut Admin) -> Result<Waters, CtlError> {
    let equipment = all::<Equipment>(admin, "reference").await?.into_iter();
    let gauges = equipment.filter(|row| row.kind == EquipmentKind::Gauge).map(|row| (row.reference, row.equipment_id));
    let gauges = gauges.collect();
    let zones = all::<Zone>(admin, "reference").await?.into_iter().map(|row| (row.reference, row.zone_id)).collect();
    Ok(Waters::new(gauges, zones))
}

/// Every row of a table.
pub(crate) async fn all<T: TableRow>(admin: &mut Admin, order: &str) -> Result<Vec<T>, CtlError> {
    let mut rows = Vec::new();
    if let Some(spec) = table(T::SPEC.name) {
        admin
            .each_row(spec, order, |row| {
                rows.push(T::from_row(&row).map_err(CtlError::BadRow)?);
                Ok::<_, CtlError>(())
            })
            .await?;
    }
    Ok(rows)
}

/// What the reading thread gives at a time.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    refused: Vec<(u64, Refused)>,
}

async fn fill(
    staging: &mut Staging<'_>,
    mut judge: Judge,
    path: PathBuf,
    crs: Option<Crs>,
    report: &mut Report,
) -> Result<(), CtlError> {
    let (give, mut take) = mpsc::channel::<Batch>(AHEAD);
    let reader = tokio::task::spawn_blocking(move || {
        let mut batch = Batch::default();
        read(&path, crs, |found: Found| {
            let line = found.line;
            match judge.row(found) {
                Ok(row) => batch.rows.push(row),
                Err(refused) => batch.refused.push((line, refused)),
            }
            // Nobody takes any more when the metropolis is gone: its error is told, not this one.
            batch.rows.len() + batch.refused.len() < BATCH || give.blocking_send(std::mem::take(&mut batch)).is_ok()
        })?;
        let _ = give.blocking_send(batch);
        Ok::<_, CtlError>(())
    });
    let mut progress = Progress::begin();
    while let Some(batch) = take.recv().await {
        for (line, refused) in &batch.refused {
            report.add(*line, refused)?;
        }
        staging.add(&batch.rows).await?;
        progress.add(batch.rows.len() + batch.refused.len());
    }
    progress.end();
    reader.await.map_err(|_| CtlError::ReaderLost)?
}

/// What is said on the way, on the standard error.
struct Progress {
    terminal: bool,
    began: Duration,
    said: Duration,
    records: usize,
    shown: bool,
}

impl Progress {
    fn begin() -> Self {
        let began = MachineClock.now().boot;
        Self { terminal: std::io::stderr().is_terminal(), began, said: began, records: 0, shown: false }
    }

    fn add(&mut self, records: usize) {
        self.records = self.records.saturating_add(records);
        let now = MachineClock.now().boot;
        let every = if self.terminal { TO_A_PERSON } else { TO_A_LOG };
        if now.saturating_sub(self.said) < every {
            return;
        }
        self.said = now;
        self.shown = true;
        let seconds = now.saturating_sub(self.began).as_secs_f64();
        let text = format!("{} records, {:.0} a second", self.records, self.records as f64 / seconds.max(f64::EPSILON));
        if self.terminal {
            eprint!("\r{text}   ");
            // A terminal that is gone reads nothing more.
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{text}");
        }
    }

    fn end(&self) {
        if self.terminal && self.shown {
            eprintln!();
        }
    }
}
