//! Each way in which the proxy breaks a link is what it says.

#![allow(clippy::unwrap_used, reason = "the lint's exception for tests does not see their helpers")]

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vigie_testkit::proxy::{Passage, Proxy};

/// A server that answers each byte with the byte after it.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut byte = [0];
                while stream.read_exact(&mut byte).await.is_ok() {
                    stream.write_all(&[byte[0] + 1]).await.unwrap();
                }
            });
        }
    });
    port
}

async fn call(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", port)).await
}

async fn ask(stream: &mut TcpStream, byte: u8) -> std::io::Result<u8> {
    stream.write_all(&[byte]).await?;
    stream.read_u8().await
}

/// Nothing comes for as long as one is willing to wait.
async fn silent(stream: &mut TcpStream, byte: u8) -> bool {
    tokio::time::timeout(Duration::from_millis(200), ask(stream, byte)).await.is_err()
}

#[tokio::test]
async fn an_open_link_carries_and_a_refused_one_is_refused_until_it_opens_again() {
    let proxy = Proxy::to(server().await).await.unwrap();
    let mut stream = call(proxy.port()).await.unwrap();
    assert_eq!(ask(&mut stream, 1).await.unwrap(), 2);
    proxy.set(Passage::Refuse);
    assert!(stream.read_u8().await.is_err(), "what was open is reset");
    while call(proxy.port()).await.is_ok() {}
    assert_eq!(call(proxy.port()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    proxy.set(Passage::Open);
    let mut stream = loop {
        if let Ok(stream) = call(proxy.port()).await {
            break stream;
        }
    };
    assert_eq!(ask(&mut stream, 4).await.unwrap(), 5);
}

#[tokio::test]
async fn a_reset_link_ends_what_is_open_and_what_is_tried() {
    let proxy = Proxy::to(server().await).await.unwrap();
    let mut stream = call(proxy.port()).await.unwrap();
    assert_eq!(ask(&mut stream, 1).await.unwrap(), 2);
    proxy.set(Passage::Reset);
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut tried = call(proxy.port()).await.unwrap();
    assert!(tried.read_u8().await.is_err());
}

#[tokio::test]
async fn what_met_a_black_hole_carries_nothing_ever_again_and_what_comes_after_it_does() {
    let proxy = Proxy::to(server().await).await.unwrap();
    let mut met = call(proxy.port()).await.unwrap();
    assert_eq!(ask(&mut met, 1).await.unwrap(), 2);
    proxy.set(Passage::BlackHole);
    let mut tried = call(proxy.port()).await.unwrap();
    assert!(silent(&mut met, 1).await && silent(&mut tried, 1).await);
    proxy.set(Passage::Open);
    assert!(silent(&mut met, 1).await && silent(&mut tried, 1).await);
    assert_eq!(ask(&mut call(proxy.port()).await.unwrap(), 1).await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_held_arrives_late_and_what_is_lost_does_not() {
    let proxy = Proxy::to(server().await).await.unwrap();
    let mut stream = call(proxy.port()).await.unwrap();
    assert_eq!(ask(&mut stream, 1).await.unwrap(), 2);
    proxy.set(Passage::Hold);
    assert!(silent(&mut stream, 10).await);
    proxy.set(Passage::Open);
    assert_eq!(stream.read_u8().await.unwrap(), 11);
    for lost in [Passage::LoseReplies, Passage::LoseRequests] {
        proxy.set(lost);
        assert!(silent(&mut stream, 20).await);
        proxy.set(Passage::Open);
        assert_eq!(ask(&mut stream, 30).await.unwrap(), 31, "{lost:?}");
    }
}

#[tokio::test]
async fn a_link_may_lead_elsewhere_flap_and_be_slow() {
    let proxy = Proxy::to(1).await.unwrap();
    assert!(ask(&mut call(proxy.port()).await.unwrap(), 1).await.is_err(), "nobody is there");
    proxy.lead_to(server().await);
    proxy.set(Passage::Slow(Duration::from_millis(20)));
    let mut stream = call(proxy.port()).await.unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(ask(&mut stream, 1).await.unwrap(), 2);
    assert!(begun.elapsed() >= Duration::from_millis(40), "both ways");
    proxy.flap(Duration::from_millis(5), Passage::Reset, Duration::from_millis(5));
    while ask(&mut stream, 1).await.is_ok() {}
    proxy.set(Passage::Open);
    assert_eq!(ask(&mut call(proxy.port()).await.unwrap(), 1).await.unwrap(), 2);
}
