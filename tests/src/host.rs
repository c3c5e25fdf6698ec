//! The development host as a page meets it: a real program over HTTP, without a browser.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Running, Vigie};

/// A development host that runs until it is dropped.
pub struct Host {
    running: Running,
    /// What it printed: its address, with its token.
    pub printed: String,
    _interface: TempDir,
}

impl Host {
    /// Starts it with these arguments, its log wherever `adjust` sends it.
    pub fn start(args: &[&str], adjust: impl FnOnce(&mut Command)) -> anyhow::Result<Self> {
        let interface = tempfile::tempdir()?;
        std::fs::write(interface.path().join("index.html"), "<!doctype html>")?;
        let mut command = Vigie::Devhost.command()?;
        command.args(args).arg("--interface").arg(interface.path());
        adjust(&mut command);
        let mut running = Running::start(&mut command)?;
        let printed = running.line(Duration::from_mins(1))?;
        Ok(Self { running, printed, _interface: interface })
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Runs a command of the api; a refusal is an error with its code.
    pub fn call(&self, name: &str, args: &Value) -> anyhow::Result<Value> {
        let address = self.printed.strip_prefix("http://").context("no address")?;
        let (host, token) = address.split_once("/?token=").context("no token")?;
        let body = args.to_string();
        let request = format!(
            "POST /call/{name} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(host)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!("{name}: {body}");
        }
        Ok(serde_json::from_str(body)?)
    }

    /// Asks where it stands until that holds; fails after a minute with the last answer.
    pub fn until(&self, holds: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let mut last = Value::Null;
        for _ in 0..600 {
            last = self.call("status", &json!({}))?;
            if holds(&last) {
                return Ok(last);
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        bail!("did not come about: {last:#}")
    }
}
