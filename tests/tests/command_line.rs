//! What a person meets on the command line.
#![allow(clippy::unwrap_used, reason = "what a test expects and does not get fails it")]

use std::time::Duration;

use tempfile::TempDir;
use vigie_tests::{Running, Vigie, finish};

const SECRET: &str = "tr3s-secret";

/// A built interface, as far as the development host looks before it starts.
fn interface() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    folder
}

#[test]
#[ignore = "needs the built programs: cargo xtask test"]
fn an_address_with_a_password_is_refused_by_every_program_and_not_repeated() {
    let address = format!("postgres://someone:{SECRET}@localhost/vigie");
    let interface = interface();
    let folder = interface.path().to_string_lossy();
    let cases: [(Vigie, &[&str]); 3] = [
        (Vigie::Window, &["--check"]),
        (Vigie::Devhost, &["--interface", &folder]),
        (Vigie::Ctl, &["migrate", "--rehearsal"]),
    ];
    for (program, args) in cases {
        let said = finish(program.command().unwrap().args(args).args(["--metropolis", &address])).unwrap();
        assert_ne!(said.code, Some(0), "{program:?}");
        assert!(said.err.contains("PGPASSFILE"), "{program:?} says how to do it: {}", said.err);
        assert!(!said.err.contains(SECRET) && !said.out.contains(SECRET), "{program:?} repeats the password");
    }
}

#[test]
#[ignore = "needs the built programs: cargo xtask test"]
fn the_development_host_listens_on_loopback_only() {
    for address in ["0.0.0.0", "192.0.2.7", "::"] {
        let said = finish(Vigie::Devhost.command().unwrap().args(["--address", address])).unwrap();
        assert_ne!(said.code, Some(0));
        assert!(said.err.contains("loopback"), "{}", said.err);
    }
}

#[test]
#[ignore = "needs the built programs: cargo xtask test"]
fn the_development_host_prints_an_address_with_a_token_that_is_new_each_time() {
    let interface = interface();
    let files = tempfile::tempdir().unwrap();
    let mut addresses = Vec::new();
    for _ in 0..2 {
        let mut command = Vigie::Devhost.command().unwrap();
        command.args(["--objects", "500"]).arg("--interface").arg(interface.path()).arg("--data-dir").arg(files.path());
        let mut host = Running::start(&mut command).unwrap();
        addresses.push(host.line(Duration::from_secs(30)).unwrap());
    }
    let token = |address: &str| address.split_once("/?token=").map(|(_, token)| token.to_owned()).unwrap();
    assert!(addresses.iter().all(|address| address.starts_with("http://127.0.0.1:")), "{addresses:?}");
    assert_ne!(token(&addresses[0]), token(&addresses[1]));
    assert!(token(&addresses[0]).len() >= 32);
}
