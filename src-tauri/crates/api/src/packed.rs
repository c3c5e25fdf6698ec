//! Points and changes as bytes, little-endian. Never JSON: a hundred thousand objects would cost the interface's thread 120 ms.
//!
//! Points (`VGP1`): `u32` magic, `u32` generation, `u32` count, `u32` zero, `f64` origin x, `f64` origin y (Web Mercator
//! metres, EPSG:3857), then `u32 id[count]`, `f32 x[count]`, `f32 y[count]` (metres from the origin), `u8 kind[count]`
//! (index in `EquipmentKind`), `u8 state[count]` (look in bits 0–2, marks above: see `vigie_core::equipment::Mark`).
//!
//! Changes (`VGC1`): `u32` magic, `u32` generation, `u32` count, then `u32 id[count]`, `u8 state[count]`. Every object whose
//! row changed is listed, also when its state byte did not: a sheet that shows it fetches it again.
