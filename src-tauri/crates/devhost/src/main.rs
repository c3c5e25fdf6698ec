//! `vigie-devhost`: serves the core and the built interface to a browser on this machine.

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Parser;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use vigie_api::{Api, Launch};
use vigie_devhost::{Token, router};

/// Serves the core and the built interface to a browser on this machine, for development and tests.
#[derive(Debug, Parser)]
#[command(name = "vigie-devhost", version)]
struct Args {
    #[command(flatten)]
    launch: Launch,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address to listen on: loopback only.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Folder of the built interface.
    #[arg(long, default_value = "ui/dist")]
    interface: PathBuf,
    /// Print the types of the api in TypeScript, and end.
    #[arg(long)]
    print_bindings: bool,
    /// Token to ask for; a random one otherwise.
    #[arg(long, env = "VIGIE_DEVHOST_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.print_bindings {
        print!("{}", vigie_api::bindings());
        return Ok(());
    }
    let filter = EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| EnvFilter::new("warn,vigie=info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();

    vigie_api::keep_private();
    ensure!(args.address.is_loopback(), "{} is not loopback: whoever reaches it could pilot equipment", args.address);
    let index = args.interface.join("index.html");
    ensure!(index.is_file(), "{} is missing: build the interface with `npm run build` in ui/", index.display());
    let token = Token::new(args.token.unwrap_or_else(random_token))?;

    let listener = TcpListener::bind(SocketAddr::new(args.address, args.port))
        .await
        .with_context(|| format!("port {} is taken: choose another with --port", args.port))?;
    let api = Api::start(args.launch).await?;
    println!("http://{}/?token={}", listener.local_addr()?, token.secret());
    // Not a graceful end: an open WebSocket would keep it waiting for its browser.
    tokio::select! {
        result = axum::serve(listener, router(api.clone(), token, &args.interface)) => result?,
        () = told_to_stop() => {}
    }
    api.shutdown().await;
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "the edge of a program: a new secret at each start")]
fn random_token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Ctrl-C, or the polite end that a test asks for.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
