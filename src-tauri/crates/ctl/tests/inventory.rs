//! Files of equipment and zones into a real server and back, as someone types the commands.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the lints' exception for tests does not see their helpers"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;
use vigie_core::geo::{Lambert93, Position};
use vigie_core::port::MetropolisMode;
use vigie_core::table::{Commune, TableRow, table};
use vigie_metropolis::{Admin, Password};
use vigie_testkit::postgres::{Database, Server};

/// A metropolis of one square commune, 21231, from 5.0° to 5.1° E and 47.3° to 47.4° N.
struct Bench {
    folder: tempfile::TempDir,
    database: Database,
}

impl Bench {
    async fn new() -> Self {
        let bench = Self::of(MetropolisMode::Rehearsal).await;
        let ring = json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4], [5.0, 47.3]]);
        let commune = Commune {
            commune_id: Uuid::from_u128(1),
            insee_code: "21231".into(),
            name: "Dijon".into(),
            lon: 5.05,
            lat: 47.35,
            population: 160_000,
            outline: json!({"type": "Polygon", "coordinates": [ring]}),
        };
        bench.owner().await.load_rows(table("commune").unwrap(), &[commune.to_row()]).await.unwrap();
        bench
    }

    async fn of(mode: MetropolisMode) -> Self {
        let database = Server::shared().unwrap().database().await.unwrap();
        let bench = Self { folder: tempfile::tempdir().unwrap(), database };
        bench.file("owner", &format!("*:*:*:*:{}\n", bench.database.owner_password()));
        #[cfg(unix)]
        std::fs::set_permissions(bench.path("owner"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        bench.owner().await.migrate(mode, "Essai").await.unwrap();
        bench
    }

    async fn owner(&self) -> Admin {
        let password = Password::new(self.database.owner_password());
        Admin::connect(&self.database.owner_url(), Some(password)).await.unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs in the folder of the files.
    fn run(&self, command: &str, args: &[&str]) -> Output {
        let mut vigiectl = Command::new(env!("CARGO_BIN_EXE_vigiectl"));
        vigiectl.current_dir(self.folder.path()).env("PGPASSFILE", self.path("owner")).env_remove("PGPASSWORD");
        vigiectl.args([command, "--metropolis", &self.database.owner_url()]).args(args).output().unwrap()
    }

    /// Runs, well, and says these words.
    fn well(&self, command: &str, args: &[&str], words: &str) {
        let output = self.run(command, args);
        assert!(output.status.success() && said(&output).contains(words), "{words:?} in {}", said(&output));
    }

    /// Everything in a table, with the transaction that wrote each row last.
    async fn rows(&self, table: &str) -> Vec<(String, Value, String)> {
        let sql = format!(
            "SELECT reference, (to_jsonb(t) - 'change_xid')::text AS row, change_xid::text AS xid FROM vigie.{table} t ORDER BY 1"
        );
        let mut connection = self.database.connect().await.unwrap();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        let row = |r: &sqlx::postgres::PgRow| {
            (r.get("reference"), serde_json::from_str(r.get::<&str, _>("row")).unwrap(), r.get("xid"))
        };
        rows.iter().map(row).collect()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const LAMPS: &str = "\u{feff}reference;name;kind;street;lon;lat;safety_level;pole;crossing\r\n\
    L-1;Lampe 1;street_light;Rue de la Liberté;5,041;47,322;40;A1;true\r\n\
    L-2;Lampe 2;street_light;Rue de la Liberté;5.042;47.323;12,5;007;\r\n";

#[tokio::test]
async fn a_file_twice_is_once_and_a_changed_line_changes_one_row() {
    let bench = Bench::new().await;
    bench.file("lamps.csv", LAMPS);
    bench.well("load", &["--equipment", "lamps.csv"], "2 created, 0 changed, 0 unchanged, 0 refused");
    let first = bench.rows("equipment").await;
    assert_eq!(first[0].1["attributes"], json!({"safety_level": 40, "pole": "A1", "crossing": true}));
    assert_eq!(first[1].1["attributes"], json!({"safety_level": 12.5, "pole": "007"}));
    assert_eq!((&first[0].1["insee_code"], &first[0].1["lon"]), (&json!("21231"), &json!(5.041)));

    bench.well("load", &["--equipment", "lamps.csv"], "0 created, 0 changed, 2 unchanged, 0 refused");
    assert_eq!(bench.rows("equipment").await, first);

    bench.file("lamps.csv", &LAMPS.replace("Lampe 2", "Lampe deux").replace("L-1", "L-3"));
    bench.well("load", &["--equipment", "lamps.csv"], "1 created, 1 changed, 0 unchanged, 0 refused; 1 others");
    let then = bench.rows("equipment").await;
    assert_eq!(then[0], first[0]);
    assert_eq!(then[1].1["equipment_id"], first[1].1["equipment_id"]);
    assert!(then[1].1["name"] == "Lampe deux" && then[1].2 != first[1].2 && then.len() == 3);
}

#[tokio::test]
async fn a_file_in_lambert_93_puts_objects_where_the_same_file_in_degrees_does() {
    let bench = Bench::new().await;
    let (a, b) = (Position { lon: 5.041, lat: 47.322 }, Position { lon: 5.097, lat: 47.301 });
    let lamp = |reference: &str, coordinates: Value| {
        json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": coordinates},
               "properties": {"reference": reference, "name": "", "kind": "street_light"}})
    };
    let degrees = json!({"type": "FeatureCollection", "features": [lamp("L-1", json!([a.lon, a.lat])), lamp("L-2", json!([b.lon, b.lat]))]});
    let metres = |p: Position| {
        let place = Lambert93::from(p);
        json!([place.x, place.y])
    };
    let crs = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}});
    let features = json!([lamp("M-1", metres(a)), lamp("M-2", metres(b))]);
    let projected = json!({"crs": crs, "features": features});
    bench.file("degrees.geojson", &degrees.to_string());
    bench.file("metres.geojson", &projected.to_string());
    bench.file("unsaid.geojson", &json!({"features": features}).to_string());
    bench.well("load", &["--equipment", "degrees.geojson"], "2 created");
    bench.well("load", &["--equipment", "metres.geojson"], "2 created");
    let rows = bench.rows("equipment").await;
    for (one, other) in [(0, 2), (1, 3)] {
        for (axis, metre) in [("lon", 75_000.0), ("lat", 111_000.0)] {
            let apart = rows[one].1[axis].as_f64().unwrap() - rows[other].1[axis].as_f64().unwrap();
            assert!((apart * metre).abs() < 0.01, "{axis} apart by {apart}°");
        }
    }
    let unsaid = bench.run("load", &["--equipment", "unsaid.geojson"]);
    assert!(!unsaid.status.success() && said(&unsaid).contains("--crs lambert93"), "{}", said(&unsaid));
    bench.well("load", &["--equipment", "unsaid.geojson", "--crs", "lambert93"], "2 unchanged");
}

#[tokio::test]
async fn each_refused_line_is_named_with_its_reason_and_the_good_ones_are_loaded() {
    let bench = Bench::new().await;
    let good = "GOOD,Good,pump,,5.05,47.35";
    let lines = [
        "reference,name,kind,insee_code,lon,lat",
        good,
        ",No reference,pump,,5.05,47.35",
        "K,Unknown kind,lamp,,5.05,47.35",
        "GOOD,Twice,pump,,5.05,47.35",
        "R,Out of range,pump,,200,47.35",
        "S,Exchanged,pump,,47.35,5.05",
        "M,Metres,pump,,854184,6693290",
        "O,Outside,pump,,5.5,47.35",
        "I,Unknown commune,pump,75056,5.05,47.35",
        "N,Not a number,pump,,east,47.35",
        "F,Few cells",
    ];
    bench.file("pumps.csv", &lines.join("\n"));
    let all = bench.run("load", &["--equipment", "pumps.csv", "--all-or-nothing"]);
    assert!(!all.status.success() && said(&all).contains("nothing was loaded"), "{}", said(&all));
    assert!(bench.rows("equipment").await.is_empty());
    let loaded = bench.run("load", &["--equipment", "pumps.csv", "--report", "refused.csv"]);
    assert!(!loaded.status.success() && said(&loaded).contains("1 created"), "{}", said(&loaded));
    assert!(said(&loaded).contains("10 refused"), "{}", said(&loaded));
    assert_eq!(bench.rows("equipment").await[0].1["name"], "Good");
    let report = bench.text("refused.csv");
    let told: Vec<_> = report.lines().skip(1).collect();
    for (line, (told, why)) in (3..).zip(told.iter().zip([
        "reference is missing",
        "unknown kind of equipment: lamp",
        "here and at line 2",
        "out of range",
        "exchanged",
        "look like metres",
        "outside all communes",
        "INSEE code 75056",
        "lon is not a number: east",
        "one cell for each name",
    ])) {
        assert!(told.starts_with(&format!("{line},")) && told.contains(why), "{line} {why:?} in {told}");
    }
    assert_eq!(told.len(), 10);
    let again = bench.run("load", &["--equipment", "pumps.csv", "--report", "refused.csv"]);
    assert!(!again.status.success() && said(&again).contains("exists already"), "{}", said(&again));
}

#[tokio::test]
async fn zones_are_loaded_and_those_that_are_no_polygon_are_refused_at_their_line() {
    let bench = Bench::new().await;
    let zone = |reference: &str, kind: &str, geometry: Value| {
        json!({"type": "Feature", "geometry": geometry, "properties": {"reference": reference, "name": "Z", "kind": kind}}).to_string()
    };
    let polygon = |ring: Value| json!({"type": "Polygon", "coordinates": [ring]});
    let closed = polygon(json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.3]]));
    let features = [
        zone("Z-1", "flood", closed.clone()),
        zone("Z-2", "flood", polygon(json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4]]))),
        zone("Z-3", "flood", polygon(json!([[5.0, 47.3], [5.1, 47.3], [5.0, 47.3]]))),
        zone("Z-4", "flood", json!({"type": "Point", "coordinates": [5.0, 47.3]})),
        zone("Z-5", "lake", closed),
    ];
    bench.file(
        "zones.geojson",
        &format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{}\n]}}", features.join(",\n")),
    );
    let loaded = bench.run("load", &["--zones", "zones.geojson"]);
    assert!(!loaded.status.success(), "{}", said(&loaded));
    for told in [
        "line 3 (Z-2): a ring of the polygon is not closed",
        "line 4 (Z-3): a ring of the polygon has fewer than 4 points",
        "line 5 (Z-4): the geometry is Point",
        "line 6 (Z-5): unknown kind of zone: lake",
        "1 created, 0 changed, 0 unchanged, 4 refused",
    ] {
        assert!(said(&loaded).contains(told), "{told:?} in {}", said(&loaded));
    }
}

#[tokio::test]
async fn objects_name_a_service_that_is_loaded_and_an_unknown_one_is_refused_at_its_line() {
    let bench = Bench::new().await;
    let lamps = "reference;kind;lon;lat;service\nL-1;street_light;5,05;47,35;EP\nL-2;street_light;5,05;47,35;EAU\nL-3;pump;5,05;47,35;\n";
    bench.file("lamps.csv", lamps);
    bench.file("services.csv", "code,name,phone\nEP,Éclairage public,03 53 01 40 10\n,Voirie,\n");
    let refused = bench.run("load", &["--equipment", "lamps.csv", "--dry-run"]);
    assert!(
        said(&refused).contains("line 2 (L-1): no service of the metropolis has the code EP"),
        "{}",
        said(&refused)
    );
    let services = bench.run("load", &["--services", "services.csv"]);
    assert!(said(&services).contains("line 3: code is missing"), "{}", said(&services));
    assert!(said(&services).contains("services: 1 created"), "{}", said(&services));
    let loaded = bench.run("load", &["--equipment", "lamps.csv"]);
    assert!(said(&loaded).contains("line 3 (L-2): no service of the metropolis has the code EAU"), "{}", said(&loaded));
    assert!(said(&loaded).contains("2 created, 0 changed, 0 unchanged, 1 refused"), "{}", said(&loaded));
    let mut owner = bench.database.connect().await.unwrap();
    let kept =
        "SELECT e.reference, s.code FROM vigie.equipment e LEFT JOIN vigie.service s USING (service_id) ORDER BY 1";
    let rows = sqlx::query(kept).fetch_all(&mut owner).await.unwrap();
    let rows: Vec<(String, Option<String>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(rows, [("L-1".to_owned(), Some("EP".to_owned())), ("L-3".to_owned(), None)]);
    // Given back and taken again, nothing changes; a number that changes is one change.
    for format in ["csv", "geojson"] {
        bench.well("export", &["--equipment", &format!("out.{format}")], "2 written");
        assert!(bench.text(&format!("out.{format}")).contains("EP"));
        bench.well("load", &["--equipment", &format!("out.{format}")], "0 created, 0 changed, 2 unchanged, 0 refused");
    }
    bench.well("export", &["--services", "services-out.csv"], "1 written");
    bench.well("load", &["--services", "services-out.csv"], "0 created, 0 changed, 1 unchanged, 0 refused");
    bench.file("services.csv", "code,name,phone\nEP,Éclairage public,03 53 01 40 11\n");
    bench.well("load", &["--services", "services.csv"], "0 created, 1 changed, 0 unchanged, 0 refused");
}

#[tokio::test]
async fn levels_of_water_name_a_gauge_and_zones_that_are_there_and_come_back_as_they_went() {
    let bench = Bench::new().await;
    bench.file(
        "gauges.csv",
        "reference;kind;lon;lat;alert_mm\nH-1;gauge;5,05;47,35;1700\nL-1;street_light;5,05;47,35;\n",
    );
    bench.well("load", &["--equipment", "gauges.csv"], "2 created");
    let ring = json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.3]]);
    let zone = json!({"geometry": {"type": "Polygon", "coordinates": [ring]},
                      "properties": {"reference": "ZI-1", "name": "Quai", "kind": "flood"}});
    bench.file("zones.geojson", &json!({"features": [zone]}).to_string());
    bench.well("load", &["--zones", "zones.geojson"], "1 created");
    let levels = "reference;gauge;height_mm;name;zones;procedure;calls;switch_off\n\
                  OU-1700;H-1;1700;Quai bas;ZI-1;Fermer le quai;Voirie: 03 80 00 00 00 | SDIS: 18;L-1\n\
                  OU-1900;L-1;1900;Rue basse;ZI-1;;;\n\
                  OU-2100;H-1;2100;Rue haute;ZI-7;;;\n";
    bench.file("levels.csv", levels);
    let loaded = bench.run("load", &["--inundations", "levels.csv"]);
    for told in [
        "line 3 (OU-1900): no gauge of the metropolis has the reference L-1",
        "line 4 (OU-2100): no zone of the metropolis has the reference ZI-7",
        "levels of water: 1 created, 0 changed, 0 unchanged, 2 refused",
    ] {
        assert!(said(&loaded).contains(told), "{told:?} in {}", said(&loaded));
    }
    bench.well("export", &["--inundations", "out.csv"], "1 written");
    assert!(bench.text("out.csv").contains("Voirie: 03 80 00 00 00 | SDIS: 18"));
    bench.well("load", &["--inundations", "out.csv"], "0 created, 0 changed, 1 unchanged, 0 refused");
}

/// Who has a zone open on a screen is told that a file changed it; a file that changes nothing is no change.
#[tokio::test]
async fn a_file_that_changes_a_zone_counts_as_a_change_of_it() {
    let bench = Bench::new().await;
    let file = |name: &str| {
        let ring = json!([[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.3]]);
        let properties = json!({"reference": "Z-1", "name": name, "kind": "flood"});
        let zone = json!({"geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": properties});
        bench.file("zones.geojson", &json!({"features": [zone]}).to_string());
    };
    let counted = async || {
        let row = sqlx::query("SELECT revision, person_id, changed_at IS NOT NULL AS dated FROM vigie.zone");
        let row = row.fetch_one(&mut bench.database.connect().await.unwrap()).await.unwrap();
        let person: Option<Uuid> = row.get("person_id");
        (row.get::<Option<i64>, _>("revision"), person, row.get::<bool, _>("dated"))
    };
    file("Ouche");
    bench.well("load", &["--zones", "zones.geojson"], "1 created");
    assert_eq!(counted().await, (None, None, false));
    file("Ouche, Dijon sud");
    bench.well("load", &["--zones", "zones.geojson"], "0 created, 1 changed");
    assert_eq!(counted().await, (Some(1), None, true));
    bench.well("load", &["--zones", "zones.geojson"], "0 created, 0 changed, 1 unchanged");
    assert_eq!(counted().await.0, Some(1));
    // Changed on a screen meanwhile: the same file then changes it back, and says so.
    let mut owner = bench.database.connect().await.unwrap();
    let changed = "UPDATE vigie.zone SET name = 'Quai', revision = 2, changed_at = vigie.now()";
    sqlx::query(changed).execute(&mut owner).await.unwrap();
    bench.well("load", &["--zones", "zones.geojson"], "0 created, 1 changed");
    assert_eq!(counted().await.0, Some(3));
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_done_and_writes_nothing() {
    let bench = Bench::new().await;
    bench.file("lamps.csv", LAMPS);
    bench.well("load", &["--equipment", "lamps.csv", "--dry-run"], "nothing written: equipment: 2 created");
    assert!(bench.rows("equipment").await.is_empty());
}

#[tokio::test]
async fn a_broken_file_loads_nothing_at_all() {
    let bench = Bench::new().await;
    let feature = r#"{"geometry": {"type": "Point", "coordinates": [5.05, 47.35]}, "properties": {"reference": "A", "kind": "pump"}}"#;
    bench.file("cut.geojson", &format!("{{\"features\": [\n{feature},\n{{\"geom"));
    let cut = bench.run("load", &["--equipment", "cut.geojson"]);
    assert!(!cut.status.success() && said(&cut).contains("line 3"), "{}", said(&cut));
    assert!(bench.rows("equipment").await.is_empty());
}

#[tokio::test]
async fn what_is_exported_and_loaded_back_changes_nothing() {
    let bench = Bench::new().await;
    // Texts that look like numbers, lists, quotes, lines, digits that only exact reading keeps.
    let attributes = json!({"phone": "+33 3 80", "code": "12", "comma": "1,5", "quoted": "\"a\"", "text": "a;b\nc", "empty": "",
                            "list": [1, "2"], "nothing": null, "rank": 3, "crossing": false, "share": 0.1});
    let mut properties = json!({"reference": "L-1", "name": "007", "kind": "street_light", "street": "Rue \"A\", B"});
    properties.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    let point = |lon: f64, lat: f64| json!({"type": "Point", "coordinates": [lon, lat]});
    let features = json!([
        {"geometry": point(5.041_234_567_890_123, 47.322_100_000_000_004), "properties": properties},
        {"geometry": point(5.1 - f64::EPSILON * 4.0, 47.3 + 0.1 / 3.0), "properties": {"reference": "L-2", "kind": "pump"}},
    ]);
    bench.file("first.geojson", &json!({"features": features}).to_string());
    bench.well("load", &["--equipment", "first.geojson"], "2 created");
    let ring = json!([[5.0, 47.3], [5.1, 47.3 + 0.1 / 3.0], [5.1, 47.4], [5.0, 47.3]]);
    let outline = json!({"type": "MultiPolygon", "coordinates": [[ring]]});
    let zone = json!({"geometry": outline, "properties": {"reference": "Z-1", "name": "Ouche", "kind": "flood"}});
    bench.file("zones.geojson", &json!({"features": [zone]}).to_string());
    bench.well("load", &["--zones", "zones.geojson"], "1 created");
    let before = (bench.rows("equipment").await, bench.rows("zone").await);
    for format in ["geojson", "csv"] {
        let (equipment, zones) = (format!("equipment-out.{format}"), format!("zones-out.{format}"));
        bench.well("export", &["--equipment", &equipment], "2 written");
        bench.well("load", &["--equipment", &equipment], "0 created, 0 changed, 2 unchanged, 0 refused");
        bench.well("export", &["--zones", &zones], "1 written");
        bench.well("load", &["--zones", &zones], "0 created, 0 changed, 1 unchanged, 0 refused");
        let written = bench.text(&equipment);
        let again = bench.run("export", &["--equipment", &equipment]);
        assert!(!again.status.success() && said(&again).contains("exists already"), "{}", said(&again));
        assert_eq!(bench.text(&equipment), written);
    }
    assert_eq!((bench.rows("equipment").await, bench.rows("zone").await), before);
}

#[tokio::test]
async fn a_live_metropolis_takes_a_file_whose_objects_name_their_commune() {
    let bench = Bench::of(MetropolisMode::Live).await;
    bench.file("pumps.csv", "reference,name,kind,insee_code,lon,lat\nP-1,Pump,pump,21231,5.05,47.35\n");
    bench.well("load", &["--equipment", "pumps.csv"], "1 created");
    bench.file("unnamed.csv", "reference,name,kind,lon,lat\nP-2,Pump,pump,5.05,47.35\n");
    let unnamed = bench.run("load", &["--equipment", "unnamed.csv"]);
    assert!(!unnamed.status.success() && said(&unnamed).contains("insee_code is missing"), "{}", said(&unnamed));
}
