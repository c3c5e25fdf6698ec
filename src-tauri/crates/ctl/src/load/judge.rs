//! Record by record: a row of the metropolis, or a refusal with its line.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use vigie_core::inventory::{Refusal, Refused, Services, Territory, Waters, equipment, inundation, service, zone};
use vigie_core::table::{Row, TableRow};

use crate::format::{Found, Inventory};

/// Judges the records of one file.
pub(super) struct Judge {
    inventory: Inventory,
    territory: Territory,
    services: Services,
    waters: Waters,
    /// The references taken so far, and where.
    taken: HashMap<String, u64>,
}

impl Judge {
    pub(super) fn new(inventory: Inventory, territory: Territory, services: Services, waters: Waters) -> Self {
        Self { inventory, territory, services, waters, taken: HashMap::new() }
    }

    /// The row of a record. Of two with the same reference the first is taken.
    pub(super) fn row(&mut self, found: Found) -> Result<Row, Refused> {
        let record = found.record.map_err(|why| Refused { reference: None, why })?;
        let (reference, row) = match self.inventory {
            Inventory::Equipment => {
                let row = equipment(&record, found.crs, &self.territory, &self.services)?;
                (row.reference.clone(), row.to_row())
            }
            Inventory::Zones => {
                let row = zone(&record, found.crs)?;
                (row.reference.clone(), row.to_row())
            }
            Inventory::Services => {
                let row = service(&record)?;
                (row.code.clone(), row.to_row())
            }
            Inventory::Inundations => {
                let row = inundation(&record, &self.waters)?;
                (row.reference.clone(), row.to_row())
            }
        };
        match self.taken.entry(reference) {
            Entry::Vacant(entry) => {
                entry.insert(found.line);
                Ok(row)
            }
            Entry::Occupied(entry) => Err(Refused {
                reference: Some(entry.key().clone()),
                why: Refusal::Duplicate(format!("line {}", entry.get())),
            }),
        }
    }
}
