//! One server process, its guard, and its end.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Database, Install, LaunchError};
use crate::certificates::Signed;

/// Name of the server's superuser, owner of every database made here.
pub(super) const OWNER: &str = "owner";

/// A running PostgreSQL server on loopback.
pub struct Server {
    pub(super) install: Install,
    pub(super) user: Option<User>,
    pub(super) settings: Vec<String>,
    port: u16,
    pub(super) password: String,
    pub(super) databases: std::sync::atomic::AtomicU32,
    /// Dropping its standard input ends the server; it ends by itself when this process does. None while crashed.
    guard: Mutex<Option<Child>>,
    directory: PathBuf,
}

/// What a server asks of who comes, and what it shows.
#[derive(Debug, Clone, Default)]
pub struct Doors<'a> {
    /// The lines of `pg_hba.conf` that come before the one that lets every login in by SCRAM.
    pub hba: &'a str,
    /// The certificate that it shows and its key, in PEM form: TLS is on with one.
    pub shows: Option<&'a Signed>,
    /// The authorities whose certificates it takes from clients, in PEM form.
    pub takes: &'a str,
}

/// Which user runs the server: none when we are an ordinary one ourselves.
#[derive(Clone, Copy)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

impl Server {
    /// Starts a server of its own: for tests that stop or break it.
    pub fn start() -> Result<Self, LaunchError> {
        Self::start_with(&[])
    }

    /// The same, with settings (`name=value`) over those of a test server.
    pub fn start_with(settings: &[&str]) -> Result<Self, LaunchError> {
        let install = Install::find()?;
        // A known password would let any local user become the server's, who may run programs.
        #[allow(clippy::disallowed_methods, reason = "a secret of the machine the test runs on, not of the simulation")]
        let password = uuid::Uuid::new_v4().to_string();
        let settings = settings.iter().map(|s| (*s).to_owned()).collect();
        Self::start_from(&install, settings, password, initialise)
    }

    /// Makes a folder, has its data made, and starts a server on it.
    pub(super) fn start_from(
        install: &Install,
        settings: Vec<String>,
        password: String,
        make_data: impl FnOnce(&Place<'_>) -> Result<(), LaunchError>,
    ) -> Result<Self, LaunchError> {
        let directory = tempfile::Builder::new()
            .prefix("vigie-pg-")
            .tempdir()
            .map_err(LaunchError::at("making a folder for the server"))?
            .keep();
        let started = Self::start_in(install, &directory, settings, password, make_data);
        if started.is_err() {
            let _ = std::fs::remove_dir_all(&directory);
        }
        started
    }

    /// Ends as by a power cut: no farewell, no checkpoint. Its files stay for [`Server::restart`], or until this is dropped.
    pub fn crash(&self) {
        if let Some(guard) = self.lock().take() {
            end(guard, true);
        }
    }

    /// Starts again on the files and the port that it had.
    pub fn restart(&self) -> Result<(), LaunchError> {
        self.crash();
        *self.lock() = Some(launch(&self.install, &self.directory, &self.settings, self.port, self.user)?);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one server that the tests of this process share; started at its first use.
    pub fn shared() -> Result<Arc<Self>, LaunchError> {
        static SHARED: Mutex<Option<Arc<Server>>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(server) = shared.as_ref() {
            return Ok(Arc::clone(server));
        }
        let server = Arc::new(Self::start()?);
        *shared = Some(Arc::clone(&server));
        Ok(server)
    }

    /// A fresh, empty database.
    pub async fn database(self: &Arc<Self>) -> Result<Database, LaunchError> {
        Database::create(self, self.fresh_name(), None).await
    }

    pub(super) fn fresh_name(&self) -> String {
        format!("vigie_{}", self.databases.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its files are, until it ends.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Password of the owner of its databases, drawn at each start.
    pub fn owner_password(&self) -> &str {
        &self.password
    }

    /// Sets what it asks and shows; returns once new connections meet it.
    pub async fn set_doors(self: &Arc<Self>, doors: &Doors<'_>) -> Result<(), LaunchError> {
        let failed = |e: sqlx::Error| LaunchError::Failed { step: "setting the server's doors", reason: e.to_string() };
        let data = self.directory.join("data");
        let put = |name: &str, text: &str| {
            let path = data.join(name);
            std::fs::write(&path, text)
                .and_then(|()| give_as(&path, &data))
                .and_then(|()| for_its_owner(&path))
                .map_err(LaunchError::at("writing the server's files"))
        };
        put("pg_hba.conf", &format!("{}\nhost all all 127.0.0.1/32 scram-sha-256\n", doors.hba))?;
        if let Some(Signed { certificate, key }) = doors.shows {
            put("server.crt", certificate)?;
            put("server.key", key)?;
            put("clients.crt", doors.takes)?;
        }
        let clients = if doors.takes.is_empty() { "" } else { "clients.crt" };
        let ssl = if doors.shows.is_some() { "on" } else { "off" };
        let postgres = Database::postgres(self);
        let mut owner = postgres.connect().await.map_err(failed)?;
        let loaded = "SELECT pg_conf_load_time()::text";
        let before: String = sqlx::query_scalar(loaded).fetch_one(&mut owner).await.map_err(failed)?;
        for set in [
            format!("ALTER SYSTEM SET ssl_ca_file = '{clients}'"),
            format!("ALTER SYSTEM SET ssl = {ssl}"),
            "SELECT pg_reload_conf()".to_owned(),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut owner).await.map_err(failed)?;
        }
        // A connection that began before goes on as it began: only a new one tells.
        loop {
            let mut new = postgres.connect().await.map_err(failed)?;
            let now: String = sqlx::query_scalar(loaded).fetch_one(&mut new).await.map_err(failed)?;
            if now != before {
                return Ok(());
            }
        }
    }

    fn start_in(
        install: &Install,
        directory: &Path,
        settings: Vec<String>,
        password: String,
        make_data: impl FnOnce(&Place<'_>) -> Result<(), LaunchError>,
    ) -> Result<Self, LaunchError> {
        let user = ordinary_user(directory)?;
        give(directory, user).map_err(LaunchError::at("giving the folder away"))?;
        let install = within_reach(install, directory, user)?;
        make_data(&Place { install: &install, directory, user, password: &password })?;

        // A free port may be taken by someone else before the server has it.
        let mut last = None;
        for _ in 0..5 {
            let port = free_port().map_err(LaunchError::at("looking for a free port"))?;
            match launch(&install, directory, &settings, port, user) {
                Ok(guard) => {
                    let (directory, guard) = (directory.to_owned(), Mutex::new(Some(guard)));
                    return Ok(Self { install, user, settings, port, password, databases: 1.into(), guard, directory });
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or(LaunchError::NotFound))
    }
}

/// Where the data of a server is made, and by whom.
pub(super) struct Place<'a> {
    pub(super) install: &'a Install,
    pub(super) directory: &'a Path,
    pub(super) user: Option<User>,
    pub(super) password: &'a str,
}

impl Place<'_> {
    /// Runs a program of the installation as the server's user.
    pub(super) fn run(&self, step: &'static str, command: &mut Command) -> Result<(), LaunchError> {
        command.current_dir(self.directory);
        let done = as_user(command, self.user).output().map_err(LaunchError::at(step))?;
        if done.status.success() {
            return Ok(());
        }
        Err(LaunchError::Failed { step, reason: String::from_utf8_lossy(&done.stderr).into_owned() })
    }
}

/// An empty server.
fn initialise(place: &Place<'_>) -> Result<(), LaunchError> {
    let secret = place.directory.join("password");
    std::fs::write(&secret, place.password).map_err(LaunchError::at("writing the password file"))?;
    give(&secret, place.user).map_err(LaunchError::at("giving the password file away"))?;
    let mut init = Command::new(place.install.program("initdb"));
    init.arg("-D").arg(data(place.directory)).arg(format!("--username={OWNER}")).arg("--pwfile").arg(&secret);
    init.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]);
    place.run("initdb", &mut init)
}

/// Where a server keeps its data.
pub(super) fn data(directory: &Path) -> PathBuf {
    directory.join("data")
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(guard) = self.lock().take() {
            end(guard, false);
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Ends a server by its guard, who removes its files unless they are kept.
fn end(mut guard: Child, keep: bool) {
    if let Some(mut order) = guard.stdin.take().filter(|_| keep) {
        let _ = order.write_all(b"keep\n");
    }
    if cfg!(not(unix)) {
        let _ = guard.kill();
    }
    let _ = guard.wait();
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Starts the server under its guard and reads its log until it takes connections.
fn launch(
    install: &Install,
    directory: &Path,
    settings: &[String],
    port: u16,
    user: Option<User>,
) -> Result<Child, LaunchError> {
    let usual = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        // The data lives as long as the test.
        "fsync=off".into(),
        "synchronous_commit=off".into(),
        "full_page_writes=off".into(),
        "max_connections=120".into(),
        "shared_buffers=64MB".into(),
        "lc_messages=C".into(),
        "log_checkpoints=off".into(),
    ];
    let mut command = guarded(&install.program("postgres"), directory);
    command.arg("-D").arg(data(directory));
    // The last word on a setting counts.
    for setting in usual.iter().chain(settings) {
        command.arg("-c").arg(setting);
    }
    command.current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut guard = as_user(&mut command, user).spawn().map_err(LaunchError::at("postgres"))?;
    let mut log = BufReader::new(guard.stderr.take().ok_or(LaunchError::NotFound)?);
    let (mut said, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        let read = log.read_line(&mut line).map_err(LaunchError::at("reading the server's log"))?;
        said.push_str(&line);
        if line.contains("ready to accept") {
            break;
        }
        if read == 0 || line.contains("FATAL") {
            drop(guard.stdin.take());
            let _ = guard.wait();
            return Err(LaunchError::Failed { step: "postgres", reason: said });
        }
    }
    // A full pipe would stop the server.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Ok(guard)
}

/// A shell that starts the server, waits until its own standard input ends (with us, however we end), and cleans up
/// unless it is told to keep the files.
#[cfg(unix)]
fn guarded(postgres: &Path, directory: &Path) -> Command {
    const SCRIPT: &str = r#"directory=$0
"$@" & server=$!
exec 2>/dev/null
read -r order
kill -QUIT $server
wait $server
[ "$order" = keep ] || { cd / && rm -rf "$directory"; }"#;
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(SCRIPT).arg(directory).arg(postgres);
    command
}

#[cfg(not(unix))]
fn guarded(postgres: &Path, _directory: &Path) -> Command {
    Command::new(postgres)
}

/// PostgreSQL refuses to run as root: `postgres` or `nobody` runs it then.
#[cfg(unix)]
fn ordinary_user(directory: &Path) -> Result<Option<User>, LaunchError> {
    use std::os::unix::fs::MetadataExt;
    let ours = std::fs::metadata(directory).map_err(LaunchError::at("reading who we are"))?.uid();
    if ours != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").map_err(LaunchError::at("reading the list of users"))?;
    let find = |name: &str| {
        let mut fields = users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
        Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    find("postgres").or_else(|| find("nobody")).map(Some).ok_or(LaunchError::NoUser)
}

#[cfg(not(unix))]
fn ordinary_user(_directory: &Path) -> Result<Option<User>, LaunchError> {
    Ok(None)
}

/// The installation, or a copy of it where the server's user can run it: one under root's home is out of his reach.
fn within_reach(install: &Install, directory: &Path, user: Option<User>) -> Result<Install, LaunchError> {
    let mut version = Command::new(install.program("initdb"));
    version.arg("--version").current_dir(directory);
    if user.is_none() || as_user(&mut version, user).output().is_ok_and(|done| done.status.success()) {
        return Ok(install.clone());
    }
    install.copy_to(&directory.join("server")).map_err(LaunchError::at("copying the server within its user's reach"))
}

#[cfg(unix)]
fn as_user(command: &mut Command, user: Option<User>) -> &mut Command {
    use std::os::unix::process::CommandExt;
    match user {
        Some(User { uid, gid }) => command.uid(uid).gid(gid).env("HOME", "/"),
        None => command,
    }
}

#[cfg(not(unix))]
fn as_user(command: &mut Command, _user: Option<User>) -> &mut Command {
    command
}

/// A key that others may read is refused by the server.
fn for_its_owner(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    let _ = path;
    Ok(())
}

#[cfg(unix)]
fn give(path: &Path, user: Option<User>) -> std::io::Result<()> {
    match user {
        Some(User { uid, gid }) => std::os::unix::fs::chown(path, Some(uid), Some(gid)),
        None => Ok(()),
    }
}

/// Gives a file to the owner of another.
#[cfg(unix)]
fn give_as(path: &Path, other: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata(other)?;
    std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid()))
}

#[cfg(not(unix))]
fn give_as(_path: &Path, _other: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn give(_path: &Path, _user: Option<User>) -> std::io::Result<()> {
    Ok(())
}
