//! A real MQTT broker (mosquitto, from the system's packages) on loopback, which can be killed and started again.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

/// How many times, 20 ms apart, a broker that starts is knocked at.
const KNOCKS: u32 = 500;

/// A running broker. Its port stays the same over restarts; what it kept does not survive them.
pub struct Broker {
    program: PathBuf,
    port: u16,
    folder: tempfile::TempDir,
    child: Mutex<Option<Child>>,
}

fn program() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian has it where only root looks.
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join("mosquitto")).find(|file| file.is_file()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "mosquitto is not installed: on Debian, apt-get install mosquitto")
    })
}

impl Broker {
    /// Starts one that anybody may speak to.
    pub fn start() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let config = format!("listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\n");
        std::fs::write(folder.path().join("mosquitto.conf"), config)?;
        let this = Self { program: program()?, port, folder, child: Mutex::new(None) };
        this.resume()?;
        Ok(this)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it: connections end, nothing that it held is left.
    pub fn kill(&self) -> io::Result<()> {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        child.map_or(Ok(()), end)
    }

    /// Starts it again, and waits until it answers.
    pub fn resume(&self) -> io::Result<()> {
        let child = self.spawn(&self.folder.path().join("mosquitto.conf"))?;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        for _ in 0..KNOCKS {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            #[allow(clippy::disallowed_methods, reason = "a process of its own starts in its own time")]
            sleep(Duration::from_millis(20));
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "mosquitto does not answer"))
    }

    fn spawn(&self, config: &Path) -> io::Result<Child> {
        Command::new(&self.program)
            .arg("-c")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }
}

fn end(mut child: Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(|_| ())
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
