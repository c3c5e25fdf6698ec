//! Pictures of the ground from a service that IT named, kept on this machine: shown from there while they are young, and when the service does
//! not answer, in which case each says of when it is.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;
use vigie_core::time::{Clock as _, Moment, Timestamp};

use super::cache::Cache;
use super::service::Service;
use super::template::{Template, Tile, web};
use super::wmts;
use crate::Api;
use crate::dto::{GroundTilesView, NoArgs};
use crate::error::ApiError;
use crate::launch::Launch;
use crate::machine::MachineClock;

/// Shown without asking again.
const YOUNG: Duration = Duration::from_secs(7 * 24 * 3600);
/// A service that did not answer is left alone for so long.
const REST: Duration = Duration::from_secs(20);
/// Largest picture, bytes.
const LARGEST: u64 = 4 << 20;
/// Largest description of a service: the Géoplateforme's is 4 MB.
const LONGEST: u64 = 32 << 20;
/// The name under which a description is kept.
const DESCRIPTION: &str = "capabilities";

/// The service, or why there is none.
#[derive(Clone)]
pub(crate) enum GroundTiles {
    /// None was named.
    None,
    /// Named, and of no use: `ground_refused`.
    Useless(ApiError),
    /// Named.
    Named(Arc<Named>),
}

/// A service that was named.
pub(crate) struct Named {
    /// Where it describes itself, and the layer wanted; none where the template is all there is to know.
    described: Option<(String, String)>,
    credit: String,
    template: Mutex<Option<Template>>,
    service: Service,
    cache: Cache,
    /// When it last did not answer.
    silent: Mutex<Option<Moment>>,
}

/// A picture, and when it was fetched if the service could not be asked anew. No bytes where the service has nothing.
#[derive(Debug, PartialEq, Eq)]
struct Picture {
    kept_since: Option<Timestamp>,
    bytes: Vec<u8>,
}

impl GroundTiles {
    /// Takes what was named. What is of no use is no reason not to start: the map is there without it.
    pub(crate) fn open(launch: &Launch) -> Self {
        let Some(address) = launch.ground_tiles.as_deref() else { return Self::None };
        let opened = launch.data_dir().and_then(|data| {
            Named::new(launch, address, &data.join("ground")).map_err(|why| ApiError::new("ground_refused", why))
        });
        match opened {
            Ok(named) => Self::Named(Arc::new(named)),
            Err(error) => {
                tracing::warn!("the ground cannot be had from {address}: {}", error.message);
                Self::Useless(error)
            }
        }
    }
}

impl Named {
    fn new(launch: &Launch, address: &str, folder: &Path) -> Result<Self, String> {
        let credit = launch.ground_credit.clone().unwrap_or_default();
        let (described, template) = if let Some(layer) = &launch.ground_layer {
            web(address).map_err(|why| format!("{address}: {why}"))?;
            (Some((address.to_owned(), layer.clone())), None)
        } else {
            if credit.trim().is_empty() {
                return Err(
                    "say whom the pictures are owed to, with --ground-credit: their licence asks for it".to_owned()
                );
            }
            (None, Some(Template::xyz(address, &credit)?))
        };
        let service = Service::new(&launch.ca, launch.ground_proxy.as_deref())?;
        // Of another service nothing is kept: one folder, and the size that IT gave it.
        let own = Uuid::new_v5(
            &Uuid::NAMESPACE_URL,
            format!("{address} {}", launch.ground_layer.as_deref().unwrap_or_default()).as_bytes(),
        )
        .to_string();
        for former in
            std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| *entry.file_name() != *own)
        {
            let _ = std::fs::remove_dir_all(former.path());
        }
        let cache = Cache::new(folder.join(own), u64::from(launch.ground_cache) << 20);
        Ok(Self { described, credit, template: Mutex::new(template), service, cache, silent: Mutex::default() })
    }

    /// What the service offers. Its description is asked for once; the one of before serves while it does not answer.
    fn template(&self, now: Moment) -> Result<Template, ApiError> {
        let mut known = self.template.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*known {
            return Ok(known.clone());
        }
        let Some((address, layer)) = &self.described else {
            return Err(ApiError::new("ground_refused", "no template"));
        };
        let read = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            wmts::read(&text, layer, address, &self.credit)
                .map_err(|why| ApiError::new("ground_refused", format!("{address}: {why}")))
        };
        let template = match self.ask(address, LONGEST, now) {
            Ok(Some(bytes)) => {
                let template = read(&bytes)?;
                self.cache.put(DESCRIPTION, &bytes, now.wall);
                template
            }
            Ok(None) => return Err(ApiError::new("ground_refused", format!("{address}: nothing is there"))),
            Err(why) => match self.cache.get(DESCRIPTION, now.wall) {
                Some(kept) => read(&kept.bytes)?,
                None => return Err(ApiError::new("ground_offline", format!("{address}: {why}"))),
            },
        };
        *known = Some(template.clone());
        Ok(template)
    }

    /// Asks the service, unless it is left alone.
    fn ask(&self, address: &str, most: u64, now: Moment) -> Result<Option<Vec<u8>>, String> {
        if self.silent().is_some_and(|since| now.since(since) < REST) {
            return Err("it did not answer a moment ago".to_owned());
        }
        let answer = self.service.get(address, most);
        *self.silent.lock().unwrap_or_else(PoisonError::into_inner) = answer.is_err().then_some(now);
        answer
    }

    /// Since when it does not answer.
    fn silent(&self) -> Option<Moment> {
        *self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn picture(&self, tile: Tile, now: Moment) -> Result<Picture, ApiError> {
        let Some(address) = self.template(now)?.address(tile) else {
            return Err(ApiError::new("bad_request", format!("{tile:?}: the service has no such tile")));
        };
        let name = format!("{}-{}-{}", tile.z, tile.x, tile.y);
        let kept = self.cache.get(&name, now.wall);
        match kept {
            Some(kept) if now.wall.since(kept.fetched_at) <= YOUNG && self.silent().is_none() => {
                Ok(Picture { kept_since: None, bytes: kept.bytes })
            }
            kept => match (self.ask(&address, LARGEST, now), kept) {
                (Ok(Some(bytes)), _) if is_picture(&bytes) => {
                    self.cache.put(&name, &bytes, now.wall);
                    Ok(Picture { kept_since: None, bytes })
                }
                (Ok(None), _) => Ok(Picture { kept_since: None, bytes: Vec::new() }),
                (_, Some(kept)) => Ok(Picture { kept_since: Some(kept.fetched_at), bytes: kept.bytes }),
                (Ok(Some(_)), None) => {
                    Err(ApiError::new("ground_refused", format!("{address}: what comes is no PNG, JPEG or WebP")))
                }
                (Err(why), None) => Err(ApiError::new("ground_offline", format!("{address}: {why}"))),
            },
        }
    }
}

/// Whether bytes begin as a picture does that the map reads.
fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || bytes.starts_with(b"\xff\xd8\xff")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
}

impl Api {
    pub(crate) async fn ground_tiles(&self, _: NoArgs) -> Result<GroundTilesView, ApiError> {
        let none = GroundTilesView { zooms: None, credit: String::new(), error: None };
        let named = match &self.inner.tiles {
            GroundTiles::None => return Ok(none),
            GroundTiles::Useless(error) => return Ok(GroundTilesView { error: Some(error.code.clone()), ..none }),
            GroundTiles::Named(named) => named.clone(),
        };
        let template = blocking(move || named.template(MachineClock.now())).await;
        Ok(match template {
            Ok(Template { zooms, credit, .. }) => GroundTilesView { zooms: Some(zooms), credit, error: None },
            Err(error) => {
                tracing::warn!("the ground cannot be had: {}", error.message);
                GroundTilesView { error: Some(error.code), ..none }
            }
        })
    }

    /// A picture of the ground: eight bytes, little-endian, that hold 0, or the instant (ms) at which it was fetched if the service could not
    /// be asked anew; then the picture, which is empty where the service has none.
    ///
    /// # Errors
    /// `ground_missing` where no service is named, `ground_offline` where it does not answer and nothing was kept, `ground_refused`,
    /// `bad_request` for a tile that is not in the grid.
    pub async fn ground_tile(&self, z: u8, x: u32, y: u32) -> Result<Vec<u8>, ApiError> {
        let named = match &self.inner.tiles {
            GroundTiles::None => return Err(ApiError::new("ground_missing", "no service of tiles was named")),
            GroundTiles::Useless(error) => return Err(error.clone()),
            GroundTiles::Named(named) => named.clone(),
        };
        let picture = blocking(move || named.picture(Tile { z, x, y }, MachineClock.now())).await?;
        Ok([&picture.kept_since.map_or(0, |at| at.0).to_le_bytes(), picture.bytes.as_slice()].concat())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| ApiError::new("unexpected", e.to_string()))?
}

#[cfg(test)]
mod tests;
