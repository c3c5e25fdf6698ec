//! A TCP proxy that breaks the link between a program and a server in every way that a real network does.
//!
//! Guarantees: what a way of failing lets through arrives unchanged and in order; dropping the proxy ends every connection
//! through it. What it cannot do is to withhold the acknowledgements of the near end's system: a program that only looks
//! at those believes in a black hole that its peer is there.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How the link behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Passage {
    /// Everything passes.
    #[default]
    Open,
    /// Nobody listens: what is open is reset, what is tried is refused.
    Refuse,
    /// What is open is reset; what is tried is accepted, then reset.
    Reset,
    /// Connections stay open and carry nothing, without an end. Those that met it carry nothing ever again.
    BlackHole,
    /// Nothing passes for now; what was sent meanwhile arrives when the link opens again.
    Hold,
    /// Half-open: what the program sends arrives, what the server answers is lost.
    LoseReplies,
    /// Half-open: what the program sends is lost.
    LoseRequests,
    /// Each piece waits before it goes on, in each direction.
    Slow(Duration),
}

/// A link to a server, to be broken.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: watch::Sender<State>,
    flapping: Mutex<Option<JoinHandle<()>>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    passage: Passage,
    server: SocketAddr,
}

type Watch = watch::Receiver<State>;

impl Proxy {
    /// A link to a port of this machine, open.
    pub async fn to(server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let server = (Ipv4Addr::LOCALHOST, server).into();
        let (state, watched) = watch::channel(State { passage: Passage::Open, server });
        let accepting = tokio::spawn(accept(port, listener, watched));
        Ok(Self { port, state, flapping: Mutex::default(), accepting })
    }

    /// Where programs connect, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the link behaves now.
    pub fn passage(&self) -> Passage {
        self.state.borrow().passage
    }

    /// From now on the link behaves so.
    pub fn set(&self, passage: Passage) {
        self.flap_with(None);
        self.state.send_modify(|state| state.passage = passage);
    }

    /// Connections made from now on lead to another server, as an address that moves after a failover does.
    pub fn lead_to(&self, server: u16) {
        self.state.send_modify(|state| state.server.set_port(server));
    }

    /// The link is open and otherwise by turns, until it is set.
    pub fn flap(&self, open: Duration, otherwise: Passage, shut: Duration) {
        let state = self.state.clone();
        self.flap_with(Some(tokio::spawn(async move {
            loop {
                for (passage, lasts) in [(otherwise, shut), (Passage::Open, open)] {
                    state.send_modify(|state| state.passage = passage);
                    tokio::time::sleep(lasts).await;
                }
            }
        })));
    }

    fn flap_with(&self, task: Option<JoinHandle<()>>) {
        let former = std::mem::replace(&mut *self.flapping.lock().unwrap_or_else(PoisonError::into_inner), task);
        if let Some(former) = former {
            former.abort();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.flap_with(None);
        self.accepting.abort();
    }
}

/// Takes connections while someone is to listen.
async fn accept(port: u16, listener: TcpListener, mut state: Watch) {
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    loop {
        if state.borrow_and_update().passage == Passage::Refuse {
            // A bound socket that does not listen refuses, and keeps others from taking the port meanwhile.
            drop(listener.take());
            let _held = bound(port);
            comes(&mut state, |p| p != Passage::Refuse).await;
            if state.has_changed().is_err() {
                return;
            }
            continue;
        }
        let Some(open) = listener.as_ref() else {
            listener = bound(port).and_then(|socket| socket.listen(128)).ok();
            if listener.is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            continue;
        };
        tokio::select! {
            changed = state.changed() => if changed.is_err() { return },
            accepted = open.accept() => if let Ok((near, _)) = accepted {
                connections.spawn(connection(near, state.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

fn bound(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

async fn connection(mut near: TcpStream, mut state: Watch) {
    let State { passage, server } = *state.borrow();
    if passage == Passage::BlackHole {
        return pending().await;
    }
    let Ok(mut far) = TcpStream::connect(server).await else { return reset(&[&near]) };
    // A proxy must add nothing of its own to what is measured through it.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let mut fate = state.clone();
    let ended = {
        let ((from_near, to_near), (from_far, to_far)) = (near.split(), far.split());
        let requests = carry(from_near, to_far, state.clone(), Passage::LoseRequests);
        let replies = carry(from_far, to_near, state.clone(), Passage::LoseReplies);
        tokio::select! {
            (asked, answered) = async { tokio::join!(requests, replies) } => asked.and(answered),
            _ = comes(&mut fate, |p| matches!(p, Passage::Refuse | Passage::Reset)) => {
                Err(io::ErrorKind::ConnectionReset.into())
            }
            // The far end is kept as well: it does not hear of it either.
            _ = comes(&mut state, |p| p == Passage::BlackHole) => pending().await,
        }
    };
    if ended.is_err() {
        reset(&[&near, &far]);
    }
}

/// Waits until the link behaves in such a way; in which.
async fn comes(state: &mut Watch, such: impl Fn(Passage) -> bool) -> Passage {
    match state.wait_for(|s| such(s.passage)).await {
        Ok(state) => state.passage,
        // The proxy is gone, and this connection is about to be.
        Err(_) => Passage::Reset,
    }
}

/// Ends connections as a crash does, without a farewell.
fn reset(streams: &[&TcpStream]) {
    for stream in streams {
        let _ = stream.set_zero_linger();
    }
}

/// One direction, which `lost` swallows.
async fn carry(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, mut state: Watch, lost: Passage) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut piece).await?;
        let passage = comes(&mut state, |p| p != Passage::Hold).await;
        if let Passage::Slow(delay) = passage {
            tokio::time::sleep(delay).await;
        }
        if passage == lost {
            if read == 0 {
                return pending().await;
            }
            continue;
        }
        if read == 0 {
            return to.shutdown().await;
        }
        to.write_all(piece.get(..read).unwrap_or_default()).await?;
    }
}
