use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use clap::Parser as _;

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest";
const TILE: Tile = Tile { z: 12, x: 2105, y: 1430 };

/// A service on this machine: what it has by path, and what it was asked. Without an entry for `/` it answers 503 to everything.
struct Server {
    address: String,
    has: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(has: &[(&str, &[u8])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (asked, entries) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<HashMap<String, Vec<u8>>>>::default());
        let server = Self { address, has: entries, asked };
        server.has(has);
        let (entries, asked) = (server.has.clone(), server.asked.clone());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().unwrap().unwrap();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let path = first.split(' ').nth(1).unwrap().to_owned();
                let entries = entries.lock().unwrap();
                let (status, body) = match (entries.contains_key("/"), entries.get(&path)) {
                    (false, _) => ("503 Service Unavailable", Vec::new()),
                    (true, Some(body)) => ("200 OK", body.clone()),
                    (true, None) => ("404 Not Found", Vec::new()),
                };
                asked.lock().unwrap().push(path);
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            }
        });
        server
    }

    fn has(&self, has: &[(&str, &[u8])]) {
        let mut entries: HashMap<_, _> = has.iter().map(|(path, body)| ((*path).to_owned(), body.to_vec())).collect();
        entries.insert("/".to_owned(), Vec::new());
        *self.has.lock().unwrap() = entries;
    }

    fn silence(&self) {
        self.has.lock().unwrap().clear();
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[derive(clap::Parser)]
struct Program {
    #[command(flatten)]
    launch: Launch,
}

fn launch(folder: &Path, args: &[&str]) -> Launch {
    let data = folder.to_str().unwrap();
    Program::try_parse_from(["vigie", "--data-dir", data].iter().chain(args)).unwrap().launch
}

fn named(folder: &Path, args: &[&str]) -> Arc<Named> {
    match GroundTiles::open(&launch(folder, args)) {
        GroundTiles::Named(named) => named,
        GroundTiles::Useless(error) => panic!("{error}"),
        GroundTiles::None => panic!("none was named"),
    }
}

fn xyz(folder: &Path, server: &Server) -> Arc<Named> {
    named(
        folder,
        &["--ground-tiles", &format!("{}/{{z}}/{{x}}/{{y}}.png", server.address), "--ground-credit", "© Somebody"],
    )
}

/// So many seconds after the beginning.
fn at(seconds: u64) -> Moment {
    Moment { wall: Timestamp(1_800_000_000_000).plus(Duration::from_secs(seconds)), boot: Duration::from_secs(seconds) }
}

const DAY: u64 = 24 * 3600;

#[test]
fn a_picture_is_asked_for_once_while_it_is_young_and_anew_after() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[("/12/2105/1430.png", PNG)]);
    let ground = xyz(folder.path(), &server);
    let fresh = Picture { kept_since: None, bytes: PNG.to_vec() };
    for day in [0, 1, 6] {
        assert_eq!(ground.picture(TILE, at(day * DAY)).unwrap(), fresh);
    }
    assert_eq!(server.asked(), 1);
    assert_eq!(ground.picture(TILE, at(8 * DAY)).unwrap(), fresh);
    assert_eq!(server.asked(), 2);
    assert_eq!(xyz(folder.path(), &server).picture(TILE, at(8 * DAY)).unwrap(), fresh, "kept for another start");
    assert_eq!(server.asked(), 2);
}

#[test]
fn while_the_service_is_silent_what_was_kept_is_shown_with_its_date_and_it_is_left_alone_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[("/12/2105/1430.png", PNG), ("/12/2106/1430.png", PNG)]);
    let ground = xyz(folder.path(), &server);
    ground.picture(TILE, at(0)).unwrap();
    server.silence();
    let kept = Picture { kept_since: Some(at(0).wall), bytes: PNG.to_vec() };
    assert_eq!(ground.picture(TILE, at(8 * DAY)).unwrap(), kept);
    let other = Tile { x: 2106, ..TILE };
    let asked = server.asked();
    assert_eq!(ground.picture(other, at(8 * DAY + 1)).unwrap_err().code, "ground_offline");
    assert_eq!(server.asked(), asked, "left alone");
    server.has(&[("/12/2105/1430.png", PNG), ("/12/2106/1430.png", PNG)]);
    assert_eq!(ground.picture(other, at(8 * DAY + 21)).unwrap().kept_since, None);
}

#[test]
fn a_young_picture_says_its_date_too_once_the_service_is_known_to_be_silent() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[("/12/2105/1430.png", PNG)]);
    let ground = xyz(folder.path(), &server);
    ground.picture(TILE, at(0)).unwrap();
    server.silence();
    assert!(ground.picture(Tile { x: 1, ..TILE }, at(10)).is_err());
    for second in [11, 60] {
        assert_eq!(ground.picture(TILE, at(second)).unwrap().kept_since, Some(at(0).wall), "until it answers again");
    }
    server.has(&[("/12/2105/1430.png", PNG)]);
    assert_eq!(ground.picture(TILE, at(90)).unwrap().kept_since, None);
}

#[test]
fn where_the_service_has_nothing_there_is_nothing_and_what_is_no_picture_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[("/12/2105/1430.png", b"<html>log in</html>")]);
    let ground = xyz(folder.path(), &server);
    assert_eq!(ground.picture(Tile { x: 7, ..TILE }, at(0)).unwrap().bytes, b"");
    assert_eq!(ground.picture(TILE, at(0)).unwrap_err().code, "ground_refused");
    server.has(&[("/12/2105/1430.png", PNG)]);
    assert_eq!(ground.picture(TILE, at(1)).unwrap().bytes, PNG);
    assert_eq!(ground.picture(Tile { z: 25, ..TILE }, at(1)).unwrap_err().code, "bad_request");
}

const CAPABILITIES: &str = r#"<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1">
    <ows:ServiceProvider><ows:ProviderName>IGN</ows:ProviderName></ows:ServiceProvider>
    <Contents><Layer><ows:Identifier>PLAN</ows:Identifier><Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>PM</TileMatrixSet></TileMatrixSetLink></Layer>
    <TileMatrixSet><ows:Identifier>PM</ows:Identifier><TileMatrix><ows:Identifier>12</ows:Identifier><ScaleDenominator>136494.693366</ScaleDenominator>
    <TopLeftCorner>-20037508 20037508</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix></TileMatrixSet></Contents></Capabilities>"#;
const ASKED: &str = "/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=PLAN&STYLE=default&FORMAT=image%2Fpng&TILEMATRIXSET=PM&TILEMATRIX=12&TILECOL=2105&TILEROW=1430";

#[test]
fn a_service_describes_itself_once_and_its_last_description_serves_while_it_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[("/wmts?REQUEST=GetCapabilities", CAPABILITIES.as_bytes()), (ASKED, PNG)]);
    let address = format!("{}/wmts?REQUEST=GetCapabilities", server.address);
    let args = ["--ground-tiles", &address, "--ground-layer", "PLAN"];
    let ground = named(folder.path(), &args);
    assert_eq!(ground.template(at(0)).unwrap().credit, "IGN");
    assert_eq!(ground.picture(TILE, at(0)).unwrap().bytes, PNG);
    server.silence();
    let again = named(folder.path(), &args);
    assert_eq!(again.picture(TILE, at(60)).unwrap(), Picture { kept_since: Some(at(0).wall), bytes: PNG.to_vec() });
    let nothing_kept = tempfile::tempdir().unwrap();
    assert_eq!(named(nothing_kept.path(), &args).template(at(60)).unwrap_err().code, "ground_offline");
}

#[test]
fn another_service_leaves_nothing_of_the_former_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[("/12/2105/1430.png", PNG)]);
    xyz(folder.path(), &server).picture(TILE, at(0)).unwrap();
    let former: Vec<_> = std::fs::read_dir(folder.path().join("ground")).unwrap().collect();
    assert_eq!(former.len(), 1);
    named(folder.path(), &["--ground-tiles", "https://other.test/{z}/{x}/{y}", "--ground-credit", "Other"]);
    assert_eq!(std::fs::read_dir(folder.path().join("ground")).unwrap().count(), 0);
}

#[test]
fn nobody_is_asked_where_none_is_named_and_pictures_without_their_credit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(GroundTiles::open(&launch(folder.path(), &[])), GroundTiles::None));
    let without = launch(folder.path(), &["--ground-tiles", "https://tiles.test/{z}/{x}/{y}.png"]);
    let GroundTiles::Useless(error) = GroundTiles::open(&without) else { panic!("it is taken without a credit") };
    assert!(error.code == "ground_refused" && error.message.contains("--ground-credit"), "{error}");
}

#[test]
fn the_proxy_that_is_named_is_the_one_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Server::start(&[]);
    let ground = named(
        folder.path(),
        &[
            "--ground-tiles",
            "http://tiles.test/{z}/{x}/{y}.png",
            "--ground-credit",
            "Somebody",
            "--ground-proxy",
            &proxy.address,
        ],
    );
    // It leads nowhere; it was asked for a way to the service, and nobody else was.
    assert_eq!(ground.picture(TILE, at(0)).unwrap_err().code, "ground_offline");
    assert_eq!(*proxy.asked.lock().unwrap(), ["tiles.test:80"]);
}
