//! What the map is drawn from, besides the packed points.

use serde_json::Value;
use vigie_core::equipment::EquipmentKind;
use vigie_core::table::{Commune, Ground, Row, TableRow, TableSpec, Zone};
use vigie_engine::Engine;

use crate::Api;
use crate::dto::{CameraCone, City, CommuneView, GroundView, NoArgs};
use crate::error::ApiError;
use crate::handle::zone::zone;
use crate::view;

impl Api {
    pub(crate) async fn city(&self, _: NoArgs) -> Result<City, ApiError> {
        let engine = self.engine().await?;
        let communes: Vec<Commune> = read(&engine, &Commune::SPEC).await?;
        let ground: Vec<Ground> = read(&engine, &Ground::SPEC).await?;
        let zones: Vec<Zone> = read(&engine, &Zone::SPEC).await?;
        let names = self.names(&engine);
        let schematic = ground.iter().any(|g| g.schematic);
        let (generation, counts, cameras, services) = engine.picture(|picture| {
            let mut counts = vec![0; EquipmentKind::ALL.len()];
            let mut cameras = Vec::new();
            for object in picture.objects() {
                if let Some(count) = counts.get_mut(usize::from(object.equipment.kind.index())) {
                    *count += 1;
                }
                if object.equipment.kind == EquipmentKind::Camera {
                    cameras.push(cone(object));
                }
            }
            let services = picture.services().iter().map(view::service).collect();
            (picture.generation, counts, cameras, services)
        });
        Ok(City {
            generation,
            communes: communes.into_iter().map(commune).collect(),
            ground: ground
                .into_iter()
                .map(|g| GroundView { kind: g.kind, name: g.name, geometry: g.geometry })
                .collect(),
            services,
            zones: zones.into_iter().map(|row| zone(row, &names)).collect(),
            cameras,
            schematic,
            counts,
        })
    }
}

async fn read<T: TableRow>(engine: &Engine, table: &'static TableSpec) -> Result<Vec<T>, ApiError> {
    let rows: Vec<(u32, Row)> = engine.replica().scan(table).await.map_err(vigie_engine::EngineError::from)?;
    rows.iter().map(|(_, row)| T::from_row(row).map_err(|e| vigie_engine::EngineError::from(e).into())).collect()
}

fn commune(row: Commune) -> CommuneView {
    CommuneView {
        insee_code: row.insee_code,
        name: row.name,
        lon: row.lon,
        lat: row.lat,
        population: row.population as f64,
        outline: row.outline,
    }
}

fn cone(object: &vigie_engine::picture::Object) -> CameraCone {
    let number =
        |key: &str, otherwise: f64| object.equipment.attributes.get(key).and_then(Value::as_f64).unwrap_or(otherwise);
    CameraCone {
        equipment_id: object.equipment.equipment_id,
        point: object.point,
        lon: object.equipment.lon,
        lat: object.equipment.lat,
        heading: number("heading", 0.0),
        fov: number("fov", 60.0),
        range_m: number("range_m", 60.0),
    }
}
