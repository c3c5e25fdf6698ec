//! A session's bus of its own, with somebody on it who takes notifications, as a desktop does.

#![allow(clippy::used_underscore_binding, reason = "what zbus makes of a method reads each of its arguments")]

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;
use zbus::zvariant::Value;

use crate::program::Running;

/// Nobody else is on it, and nothing is started because somebody asks for it.
const RULES: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A bus, until it is dropped.
pub struct Bus {
    address: String,
    shown: mpsc::Receiver<Notification>,
    _desktop: zbus::blocking::Connection,
    _daemon: Running,
    _rules: tempfile::NamedTempFile,
}

/// A notification that was shown.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Its first line.
    pub title: String,
    /// The rest.
    pub text: String,
}

impl Bus {
    /// Starts it.
    pub fn start() -> anyhow::Result<Self> {
        let rules = tempfile::NamedTempFile::new()?;
        std::fs::write(rules.path(), RULES)?;
        let mut command = Command::new("dbus-daemon");
        command
            .args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"])
            .arg(rules.path())
            .stderr(Stdio::null());
        let mut daemon = Running::start(&mut command).context("dbus-daemon is missing: run `cargo xtask test`")?;
        let address = daemon.line(Duration::from_secs(20))?;
        let (show, shown) = mpsc::channel();
        let desktop = zbus::blocking::connection::Builder::address(address.as_str())?
            .name("org.freedesktop.Notifications")?
            .serve_at("/org/freedesktop/Notifications", Desktop { show })?
            .build()?;
        Ok(Self { address, shown, _desktop: desktop, _daemon: daemon, _rules: rules })
    }

    /// Lets a program find it.
    pub fn lend(&self, command: &mut Command) {
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
    }

    /// The next notification that is shown.
    pub fn notification(&self, patience: Duration) -> anyhow::Result<Notification> {
        self.shown.recv_timeout(patience).context("no notification was shown")
    }
}

/// The part of a desktop that shows notifications (Desktop Notifications Specification 1.2).
struct Desktop {
    show: mpsc::Sender<Notification>,
}

#[allow(clippy::too_many_arguments, clippy::unused_self, reason = "the specification has them")]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    fn notify(
        &self,
        _program: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, Value<'_>>,
        _timeout: i32,
    ) -> u32 {
        // Nobody waits any more once the test is over.
        let _ = self.show.send(Notification { title: summary, text: body });
        1
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("vigie-tests".to_owned(), "vigie".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    fn close_notification(&self, _id: u32) {}
}
