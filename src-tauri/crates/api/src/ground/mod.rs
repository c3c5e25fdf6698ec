//! The ground under the map, where IT chose one: a file on this machine ([`file`]), or the pictures of a service ([`tiles`]), which are
//! asked for here and never by the interface: its rules of content stay closed, and the house's proxy and authorities hold. Nothing
//! is asked of anyone where no service is named.

mod cache;
mod file;
mod service;
mod template;
mod tiles;
mod wmts;

pub(crate) use file::GroundFile;
pub(crate) use tiles::GroundTiles;
