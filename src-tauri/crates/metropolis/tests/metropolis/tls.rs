//! Who proves what to whom before a password leaves: on a real server, with certificates made here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vigie_core::port::{MetropolisError, TlsTrouble};
use vigie_metropolis::{Admin, ConnectTarget, Holder, Password, TlsFiles, certificate_lives};
use vigie_testkit::certificates::{Authority, LONG, Signed};
use vigie_testkit::postgres::{Database, Doors, Server};

/// A server of its own, an authority, and a folder for the files of a desk.
struct Place {
    database: Database,
    authority: Authority,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        let database = Arc::new(Server::start().unwrap()).database().await.unwrap();
        Self { database, authority: Authority::new("Métropole").unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    /// A server that shows `shown`, takes clients of the authority, and has these lines first in its `pg_hba.conf`.
    async fn with(shown: impl FnOnce(&Authority) -> Signed, hba: &str) -> Self {
        let this = Self::new().await;
        let shown = shown(&this.authority);
        let doors = Doors { hba, shows: Some(&shown), takes: this.authority.pem() };
        this.database.server().set_doors(&doors).await.unwrap();
        this
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn believed(&self) -> TlsFiles {
        TlsFiles { authorities: vec![self.file("authority.pem", self.authority.pem())], ..TlsFiles::default() }
    }

    fn shown(&self, signed: &Signed) -> TlsFiles {
        let (certificate, key) = signed.write(self.folder.path(), "desk").unwrap();
        TlsFiles { certificate: Some(certificate), key: Some(key), ..self.believed() }
    }

    /// Signs the owner in, with his password or without.
    async fn sign_in(&self, files: &TlsFiles, options: &str, password: bool) -> Result<(), MetropolisError> {
        let url = files.put_into(&format!("{}{options}", self.database.owner_url()));
        let password = password.then(|| Password::new(self.database.owner_password()));
        Admin::connect(&url, password).await.map(drop)
    }

    /// The trouble that a sign-in with the password meets, and its words.
    async fn trouble(&self, files: &TlsFiles, options: &str) -> (TlsTrouble, String) {
        match self.sign_in(files, options, true).await {
            Err(MetropolisError::Tls { trouble, why }) => (trouble, why),
            other => panic!("{other:?}"),
        }
    }
}

fn good(authority: &Authority) -> Signed {
    authority.server("127.0.0.1", LONG).unwrap()
}

#[tokio::test]
async fn a_server_that_proves_its_name_by_an_authority_named_here_is_signed_in_to() {
    let place = Place::with(good, "").await;
    assert_eq!(place.sign_in(&place.believed(), "?sslmode=verify-full", true).await, Ok(()));
    // Naming an authority is asking for the proof, also on this machine.
    assert_eq!(place.sign_in(&place.believed(), "", true).await, Ok(()));
    // Several files, each with several authorities.
    let other = Authority::new("Another").unwrap();
    let both = place.file("both.pem", &format!("{}{}", other.pem(), place.authority.pem()));
    let files = TlsFiles { authorities: vec![place.file("other.pem", other.pem()), both], ..TlsFiles::default() };
    assert_eq!(place.sign_in(&files, "", true).await, Ok(()));
}

#[tokio::test]
async fn an_authority_that_nobody_named_is_refused_with_what_to_do() {
    let place = Place::with(good, "").await;
    let impostor = Authority::new("Métropole").unwrap();
    let files = TlsFiles { authorities: vec![place.file("other.pem", impostor.pem())], ..TlsFiles::default() };
    for (files, options) in [(TlsFiles::default(), "?sslmode=verify-full"), (files, "")] {
        let (trouble, why) = place.trouble(&files, options).await;
        assert_eq!(trouble, TlsTrouble::UnknownAuthority);
        assert!(why.contains("--ca") && why.contains("127.0.0.1"), "{why}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let place = Place::with(|authority| authority.server("db.metropole.example", LONG).unwrap(), "").await;
    assert_eq!(place.trouble(&place.believed(), "").await.0, TlsTrouble::WrongName);
    // The authority alone is enough where the address says so, as with libpq's `require` and an authority.
    for mode in ["verify-ca", "require"] {
        assert_eq!(place.sign_in(&place.believed(), &format!("?sslmode={mode}"), true).await, Ok(()), "{mode}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_over_is_refused_and_one_that_ends_is_told_beforehand() {
    let place = Place::with(|authority| authority.server("127.0.0.1", (2020, 2021)).unwrap(), "").await;
    let (trouble, why) = place.trouble(&place.believed(), "").await;
    assert_eq!(trouble, TlsTrouble::Expired);
    assert!(why.contains("renew"), "{why}");

    let desk = place.authority.client("owner", (2020, 2027)).unwrap();
    let url = place.shown(&desk).put_into(&place.database.owner_url());
    let target = ConnectTarget { url, password: None, application_name: "t".into() };
    let lives = certificate_lives(&target, Duration::from_secs(20)).await.unwrap();
    let told: Vec<_> = lives.iter().map(|life| (life.holder, life.ends_at.0 / 86_400_000)).collect();
    // Days since 1970 of the first of January of 2021, 2027 and 2090.
    assert_eq!(told, [(Holder::Server, 18_628), (Holder::Desk, 20_819), (Holder::Authority, 43_830)]);
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing_where_tls_is_asked() {
    let place = Place::new().await;
    let (trouble, why) = place.trouble(&place.believed(), "").await;
    assert_eq!(trouble, TlsTrouble::Plain);
    assert!(why.contains("ssl = on"), "{why}");
}

#[tokio::test]
async fn a_certificate_signs_in_without_a_password_and_no_other_certificate_does() {
    let hba = "hostssl all all 127.0.0.1/32 cert";
    // The server's own doors are set by a login that comes by SCRAM, over a plain connection.
    let place = Place::with(good, &format!("hostnossl all all 127.0.0.1/32 scram-sha-256\n{hba}")).await;
    let own = place.shown(&place.authority.client("owner", LONG).unwrap());
    assert_eq!(place.sign_in(&own, "", false).await, Ok(()));

    let other_login = place.shown(&place.authority.client("somebody", LONG).unwrap());
    let refused = place.sign_in(&other_login, "", false).await.unwrap_err();
    assert_eq!(refused.code(), "sign_in_refused", "{refused}");

    let impostor = Authority::new("Métropole").unwrap();
    for wrong in [impostor.client("owner", LONG).unwrap(), place.authority.client("owner", (2020, 2021)).unwrap()] {
        let refused = place.sign_in(&place.shown(&wrong), "", false).await.unwrap_err();
        assert_eq!(refused.code(), "tls_client_refused", "{refused}");
    }
}

#[tokio::test]
async fn a_password_that_the_server_reads_is_sent_over_verified_tls_only() {
    // LDAP, PAM and RADIUS ask for it by the same message.
    for method in ["password", "md5"] {
        let place = Place::with(good, "").await;
        let mut owner = place.database.connect().await.unwrap();
        let reader = "SET password_encryption = md5; CREATE ROLE reader LOGIN PASSWORD 'lisible'";
        sqlx::raw_sql(reader).execute(&mut owner).await.unwrap();
        let shown = good(&place.authority);
        let hba = format!("host all reader 127.0.0.1/32 {method}");
        let doors = Doors { hba: &hba, shows: Some(&shown), takes: "" };
        place.database.server().set_doors(&doors).await.unwrap();

        let sign_in = async |files: &TlsFiles, options: &str| {
            let url = files.put_into(&format!("{}{options}", place.database.url("reader")));
            Admin::connect(&url, Some(Password::new("lisible"))).await.map(drop).map_err(|e| e.code())
        };
        assert_eq!(sign_in(&place.believed(), "").await, Ok(()), "{method}");
        for unproved in ["", "?sslmode=require", "?sslmode=prefer", "?sslmode=disable"] {
            assert_eq!(sign_in(&TlsFiles::default(), unproved).await, Err("tls_unproved"), "{method} {unproved}");
        }
    }
}

#[tokio::test]
async fn a_server_of_this_machine_that_asks_to_read_the_password_never_sees_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://anna@127.0.0.1:{}/vigie?sslmode=disable", listener.local_addr().unwrap().port());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let length = stream.read_u32().await.unwrap() as usize;
        let mut heard = vec![0; length - 4];
        stream.read_exact(&mut heard).await.unwrap();
        stream.write_all(b"R\0\0\0\x08\0\0\0\x03").await.unwrap();
        stream.read_to_end(&mut heard).await.unwrap();
        heard
    });
    let refused = Admin::connect(&url, Some(Password::new("tr3s-secret"))).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), "tls_unproved");
    let heard = String::from_utf8(heard.await.unwrap()).unwrap();
    assert!(heard.contains("anna") && !heard.contains("tr3s-secret"), "{heard}");
}

#[tokio::test]
async fn a_server_elsewhere_gets_no_password_before_it_has_proved_who_it_is() {
    // Refused before anybody is called: the name does not even exist.
    for (mode, password, code) in [
        ("require", true, "tls_unproved"),
        ("disable", true, "tls_plain"),
        ("prefer", false, "tls_plain"),
        ("allow", false, "tls_plain"),
    ] {
        let url = format!("postgres://anna@db.invalid/vigie?sslmode={mode}");
        let refused = Admin::connect(&url, password.then(|| Password::new("x"))).await.map(drop).unwrap_err();
        assert_eq!(refused.code(), code, "{mode}");
    }
}
