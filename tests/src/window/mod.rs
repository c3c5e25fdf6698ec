//! The real window as an operator has it: keys go in through the web view's own driver, words are read off the screen.
//!
//! The program is started as it is delivered; the driver of `WebKitGTK` connects to it (W3C, `WebDriver`). Nothing goes round the screen
//! except [`Window::core`], which a test uses to choose an object and to look at what became of it, as a second pair of eyes.

mod bus;
mod keys;
mod screens;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use fantoccini::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::family::{family, named};
use crate::program::{Running, Said, Vigie, finish};

pub use bus::{Bus, Notification};
pub use screens::{SIZE as SCREEN, Screens, Shown};

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Where pictures of the screen go when somebody wants to look: `VIGIE_PICTURES=folder`.
const PICTURES: &str = "VIGIE_PICTURES";

/// The window of a program with files of its own, until it is dropped.
pub struct Window {
    page: Client,
    program: Running,
    driver: Running,
    inspector: u16,
    home: TempDir,
}

impl Window {
    /// Opens the program with these arguments, and waits until its map is drawn.
    pub async fn open(args: &[&str]) -> anyhow::Result<Self> {
        Self::open_as(args, |_, _| Ok(())).await
    }

    /// As [`Window::open`], with what `adjust` makes of the command and of the folder of the program's files.
    pub async fn open_as(
        args: &[&str],
        adjust: impl FnOnce(&mut Command, &Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let inspector = free_port()?;
        let mut command = Vigie::Window.command()?;
        command.args(["--keys", "file"]).args(args);
        command
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_INSPECTOR_SERVER", format!("127.0.0.1:{inspector}"));
        live_in(&mut command, home.path());
        adjust(&mut command, &home.path().join("data/vigie"))?;
        let program = Running::start(&mut command)?;
        let (driver, page) = drive(inspector).await?;
        let window = Self { page, program, driver, inspector, home };
        window.drawn().await?;
        Ok(window)
    }

    /// Starts the program once more, as a person who does not see that it runs; what it said when it ended.
    pub fn start_again(&self, adjust: impl FnOnce(&mut Command)) -> anyhow::Result<Said> {
        let mut command = Vigie::Window.command()?;
        command.args(["--keys", "file"]);
        live_in(&mut command, self.home.path());
        adjust(&mut command);
        finish(&mut command)
    }

    /// Ends the process that draws the page, as the system does when memory runs out. Its driver has lost it: another one takes
    /// over.
    pub async fn kill_page(&mut self) -> anyhow::Result<()> {
        let pages = named(&family(self.program.id())?, "WebKitWebProcess");
        ensure!(!pages.is_empty(), "no process draws the page");
        for page in pages {
            let said = finish(Command::new("kill").args(["-9", &page.to_string()]))?;
            ensure!(said.code == Some(0), "{}", said.err);
        }
        (self.driver, self.page) = drive(self.inspector).await?;
        Ok(())
    }

    /// Waits until the map shows its points.
    pub async fn drawn(&self) -> anyhow::Result<()> {
        let script = "return document.documentElement.dataset.vigie === 'drawn' && Number(document.documentElement.dataset.points) > 0";
        self.until("the map is drawn", script, vec![]).await?;
        Ok(())
    }

    /// The home of whoever works here.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        self.page.execute(script, args).await.with_context(|| format!("the page refused: {script}"))
    }

    /// Runs a script that answers later, through its last argument.
    pub async fn run_async(&self, script: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        self.page.execute_async(script, args).await.with_context(|| format!("the page refused: {script}"))
    }

    /// Waits until a script gives something other than null, false or an empty text; fails with what is on the screen.
    pub async fn until(&self, what: &str, script: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        let mut last = anyhow!("nothing was asked");
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            match self.run(script, args.clone()).await {
                Ok(found) if is_something(&found) => return Ok(found),
                Ok(_) => last = anyhow!("it did not come about"),
                // A page that is being loaded again answers later.
                Err(error) => last = error,
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.picture("failed");
        let screen = self.screen().await.unwrap_or_else(|error| format!("no page: {error:#}"));
        Err(last.context(format!("{what}\n--- on the screen\n{screen}")))
    }

    /// All that the screen says, as a person reads it.
    pub async fn screen(&self) -> anyhow::Result<String> {
        let said = self.run("return document.body.innerText", vec![]).await?;
        Ok(said.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until these words are on the screen.
    pub async fn sees(&self, words: &str) -> anyhow::Result<()> {
        let script = "return document.body.innerText.replace(/\\s+/g, ' ').includes(arguments[0])";
        self.until(&format!("the screen never said: {words}"), script, vec![json!(words)]).await.map(drop)
    }

    /// Whether these words are on the screen now.
    pub async fn shows(&self, words: &str) -> anyhow::Result<bool> {
        Ok(self.screen().await?.split_whitespace().collect::<Vec<_>>().join(" ").contains(words))
    }

    /// Whether a button that begins with these words can be pressed now.
    pub async fn offers(&self, name: &str) -> anyhow::Result<bool> {
        let script = "return [...document.querySelectorAll('button:enabled')].some((one) => one.innerText.trim().startsWith(arguments[0]))";
        Ok(self.run(script, vec![json!(name)]).await?.as_bool().unwrap_or(false))
    }

    /// Runs a command of the core beside the screen.
    pub async fn core(&self, name: &str, args: Value) -> anyhow::Result<Value> {
        let script = "const [name, args, done] = arguments; \
                      window.__TAURI_INTERNALS__.invoke('call', { name, args }).then((said) => done({ said }), (error) => done({ error }))";
        let answer = self.run_async(script, vec![json!(name), args]).await?;
        match answer.get("said") {
            Some(said) => Ok(said.clone()),
            None => bail!("{name}: {answer}"),
        }
    }

    /// Waits until an answer of the core holds.
    pub async fn core_until(&self, name: &str, args: Value, holds: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let mut last = Value::Null;
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            last = self.core(name, args.clone()).await?;
            if holds(&last) {
                return Ok(last);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{name} did not come about: {last:#}")
    }

    /// Takes a picture of the whole screen, where somebody asked for pictures.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os(PICTURES).map(PathBuf::from) else { return };
        let file = folder.join(format!("{name}.png"));
        // A picture that cannot be taken is none: it proves nothing.
        let _ = Command::new("import").args(["-window", "root"]).arg(file).status();
    }
}

/// Files, settings and bus of this window alone: whoever tests may have a Vigie of his own open.
fn live_in(command: &mut Command, home: &Path) {
    for (variable, folder) in [("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config")] {
        command.env(variable, home.join(folder));
    }
    command.env("HOME", home).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
}

fn is_something(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Starts a driver and connects it, once the program has opened its inspector.
async fn drive(inspector: u16) -> anyhow::Result<(Running, Client)> {
    let port = free_port()?;
    let mut driver = Command::new("WebKitWebDriver");
    driver.arg(format!("--port={port}")).arg(format!("--target=127.0.0.1:{inspector}"));
    let driver = Running::start(&mut driver).context("WebKitWebDriver is missing: run `cargo xtask test`")?;
    let mut last = None;
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        let builder = fantoccini::ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        match builder.connect(&format!("http://127.0.0.1:{port}")).await {
            Ok(page) => return Ok((driver, page)),
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(last.map_or_else(|| anyhow!("no driver"), anyhow::Error::from).context("the driver reaches no window"))
}
