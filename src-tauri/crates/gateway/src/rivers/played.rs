//! A public service as tests play it: a server on this machine that answers as it is told, and can be slow, cut short or silent.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_metropolis::FieldObject;

use crate::rivers::web::Web;

/// What is answered.
pub(super) enum Answer {
    /// Status and body.
    Whole(u16, String),
    /// Headers that promise more than comes.
    CutShort,
    /// Nothing, until the asking side gives up.
    Silence,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::Whole(status, body.to_string())
    }

    pub(super) fn text(status: u16, body: &str) -> Self {
        Self::Whole(status, body.to_owned())
    }
}

/// The server. It ends with the test's process.
pub(super) struct Played {
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Played {
    /// Starts it: `play` is given the number of the question, from 0, the server's own address, and what is asked for.
    pub(super) fn start(play: impl Fn(usize, &str, &str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (base, count) = (address.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { break };
                let Some(path) = question(&stream) else { continue };
                match play(count.fetch_add(1, Ordering::SeqCst), &base, &path) {
                    Answer::Whole(status, body) => {
                        let head = format!(
                            "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                            body.len()
                        );
                        let _ = stream.write_all((head + &body).as_bytes());
                    }
                    Answer::CutShort => {
                        let _ = stream
                            .write_all(b"HTTP/1.1 200 x\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n{\"data\"");
                    }
                    // Kept open: closing it would be an answer.
                    Answer::Silence => held.push(stream),
                }
            }
        });
        Self { address, asked }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Questions so far.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// What is asked for: the path of the first line. The headers are read to their end.
fn question(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    Some(first.split(' ').nth(1)?.to_owned())
}

/// Asks this machine, without a proxy and with little patience.
pub(super) fn web() -> Arc<Web> {
    Arc::new(Web::new(&[], None, Some(Duration::from_millis(400))).unwrap())
}

/// Gauges of these references.
pub(super) fn gauges(references: &[&str]) -> HashMap<String, FieldObject> {
    let object = |(n, reference): (usize, &&str)| {
        let object = FieldObject {
            equipment_id: EquipmentId(uuid::Uuid::from_u128(n as u128 + 1)),
            reference: (*reference).to_owned(),
            kind: EquipmentKind::Gauge,
            observed_at: None,
        };
        ((*reference).to_owned(), object)
    };
    references.iter().enumerate().map(object).collect()
}
