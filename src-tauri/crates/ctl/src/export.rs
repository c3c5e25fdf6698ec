//! `vigiectl export`: equipment, zones or services into a new file, which `load` takes back without changing anything.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use vigie_core::inventory::{RESERVED, Services, Waters};
use vigie_core::table::{BadRow, Equipment, Inundation, Row, Service, TableRow, TableSpec, Zone};
use vigie_metropolis::{Admin, known_by};

use crate::address::Address;
use crate::error::CtlError;
use crate::format::{CsvWriter, Format, GeoJsonWriter, Inventory};
use crate::load::{all, waters};

/// What to export.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address of the metropolis as its owner: `postgres://login@host:5432/database` (the password by PGPASSFILE).
    #[arg(long, value_name = "URL")]
    metropolis: String,
    #[command(flatten)]
    what: What,
}

/// One thing at a time.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// New file (.geojson, .json or .csv) for the equipment.
    #[arg(long, value_name = "FILE")]
    equipment: Option<PathBuf>,
    /// New file (.geojson, .json or .csv) for the zones.
    #[arg(long, value_name = "FILE")]
    zones: Option<PathBuf>,
    /// New file (.csv) for the municipal services.
    #[arg(long, value_name = "FILE")]
    services: Option<PathBuf>,
    /// New file (.csv) for the levels of water.
    #[arg(long, value_name = "FILE")]
    inundations: Option<PathBuf>,
}

/// Exports it.
pub(crate) async fn run(args: &Args) -> Result<(), CtlError> {
    let (inventory, path) = match &args.what {
        What { equipment: Some(path), .. } => (Inventory::Equipment, path),
        What { zones: Some(path), .. } => (Inventory::Zones, path),
        What { services: Some(path), .. } => (Inventory::Services, path),
        What { inundations: Some(path), .. } => (Inventory::Inundations, path),
        // The parser of arguments asks for one of them.
        _ => return Ok(()),
    };
    let address = Address::new(&args.metropolis)?;
    let format = Format::of(path)?;
    if path.exists() {
        return Err(CtlError::Exists(path.clone()));
    }
    let mut admin = Admin::connect(address.url(), None).await?;
    let name = admin.info().await?.name;
    let Some(table) = inventory.table() else { return Ok(()) };
    let what = Exported {
        inventory,
        services: Services::new(&all::<Service>(&mut admin, "code").await?),
        waters: if inventory == Inventory::Inundations { waters(&mut admin).await? } else { Waters::default() },
    };
    let unwritable = |e| CtlError::Write(path.clone(), e);
    // Beside the file, under another name: a file under its own name is whole.
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let side = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    let written = match format {
        Format::Csv => {
            let attributes = match inventory {
                Inventory::Equipment => admin.attribute_names().await?,
                Inventory::Zones | Inventory::Services | Inventory::Inundations => Vec::new(),
            };
            csv(&mut admin, &what, table, attributes, BufWriter::new(side.as_file()), path).await?
        }
        Format::GeoJson => geojson(&mut admin, &what, table, BufWriter::new(side.as_file()), path).await?,
    };
    side.as_file().sync_all().map_err(unwritable)?;
    side.persist_noclobber(path).map_err(|e| match e.error.kind() {
        std::io::ErrorKind::AlreadyExists => CtlError::Exists(path.clone()),
        _ => CtlError::Write(path.clone(), e.error),
    })?;
    println!("{name}: {written} written to {}", path.display());
    Ok(())
}

/// What is exported, and the services, gauges and zones that it names.
struct Exported {
    inventory: Inventory,
    services: Services,
    waters: Waters,
}

async fn csv(
    admin: &mut Admin,
    what: &Exported,
    table: &'static TableSpec,
    attributes: Vec<String>,
    to: impl Write,
    path: &Path,
) -> Result<u64, CtlError> {
    let own: &[&str] = match what.inventory {
        Inventory::Equipment => &["reference", "name", "kind", "insee_code", "service", "street", "lon", "lat"],
        Inventory::Zones => &["reference", "name", "kind", "outline"],
        Inventory::Services => &["code", "name", "phone"],
        Inventory::Inundations => {
            &["reference", "gauge", "height_mm", "name", "zones", "procedure", "calls", "switch_off"]
        }
    };
    let unwritable = |e| CtlError::Write(path.to_owned(), e);
    let columns = own.iter().map(|name| (*name).to_owned()).chain(attributes).collect();
    let mut writer = CsvWriter::new(to, columns).map_err(unwritable)?;
    let mut written = 0_u64;
    admin
        .each_row(table, known_by(table), |row| {
            let (geometry, mut fields) = what.shown(&row)?;
            if what.inventory == Inventory::Zones {
                fields.insert("outline".into(), geometry);
            } else if what.inventory == Inventory::Equipment {
                for (index, name) in ["lon", "lat"].into_iter().enumerate() {
                    let coordinate = geometry.pointer(&format!("/coordinates/{index}")).cloned();
                    fields.extend(coordinate.map(|value| (name.to_owned(), value)));
                }
            }
            written = written.saturating_add(1);
            writer.add(&fields).map_err(unwritable)
        })
        .await?;
    writer.finish().map_err(unwritable)?;
    Ok(written)
}

async fn geojson(
    admin: &mut Admin,
    what: &Exported,
    table: &'static TableSpec,
    to: impl Write,
    path: &Path,
) -> Result<u64, CtlError> {
    let unwritable = |e| CtlError::Write(path.to_owned(), e);
    let mut writer = GeoJsonWriter::new(to).map_err(unwritable)?;
    let mut written = 0_u64;
    admin
        .each_row(table, known_by(table), |row| {
            let (geometry, properties) = what.shown(&row)?;
            written = written.saturating_add(1);
            writer.add(&geometry, &properties).map_err(unwritable)
        })
        .await?;
    writer.finish().map_err(unwritable)?;
    Ok(written)
}

impl Exported {
    /// A row as a geometry, null for what stands nowhere, and named fields.
    fn shown(&self, row: &Row) -> Result<(Value, Map<String, Value>), CtlError> {
        let bad = |e: BadRow| CtlError::BadRow(e);
        let text = |pairs: &[(&str, &str)]| -> Map<String, Value> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
        };
        match self.inventory {
            Inventory::Zones => {
                let zone = Zone::from_row(row).map_err(bad)?;
                let fields = text(&[("reference", &zone.reference), ("name", &zone.name), ("kind", &zone.kind)]);
                Ok((zone.outline, fields))
            }
            Inventory::Services => {
                let service = Service::from_row(row).map_err(bad)?;
                let fields = text(&[("code", &service.code), ("name", &service.name), ("phone", &service.phone)]);
                Ok((Value::Null, fields))
            }
            Inventory::Inundations => {
                let level = Inundation::from_row(row).map_err(bad)?;
                let calls = level.calls.iter().map(|call| format!("{}: {}", call.who, call.phone));
                let mut fields = text(&[
                    ("reference", &level.reference),
                    ("gauge", self.waters.gauge(level.equipment_id).unwrap_or_default()),
                    ("name", &level.name),
                    ("zones", &self.waters.zones(&level.zones)),
                    ("procedure", &level.procedure),
                    ("calls", &calls.collect::<Vec<_>>().join(" | ")),
                    ("switch_off", &level.switch_off.join(" | ")),
                ]);
                fields.insert("height_mm".to_owned(), level.height_mm.into());
                Ok((Value::Null, fields))
            }
            Inventory::Equipment => {
                let object = Equipment::from_row(row).map_err(bad)?;
                let mut fields = text(&[
                    ("reference", &object.reference),
                    ("name", &object.name),
                    ("kind", object.kind.code()),
                    ("insee_code", &object.insee_code),
                    ("street", &object.street),
                ]);
                let service = object.service_id.and_then(|id| self.services.code(id));
                fields.extend(service.map(|code| ("service".to_owned(), Value::from(code))));
                let attributes = object.attributes.as_object().cloned().unwrap_or_default();
                if let Some(name) = attributes.keys().find(|name| RESERVED.contains(&name.as_str())) {
                    return Err(CtlError::AttributeHidden { reference: object.reference, name: name.clone() });
                }
                fields.extend(attributes);
                Ok((json!({"type": "Point", "coordinates": [object.lon, object.lat]}), fields))
            }
        }
    }
}
