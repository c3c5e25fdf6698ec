//! The development host on a small training city: who comes in, what is answered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test expects and does not get fails it")]

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use clap::Parser as _;
use futures::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tower::ServiceExt;
use vigie_api::{Api, Launch};
use vigie_devhost::{Token, router};

const SECRET: &str = "0123456789abcdef-test";

struct House {
    router: Router,
    api: Api,
    _files: TempDir,
}

/// As every host takes them.
#[derive(clap::Parser)]
struct Args {
    #[command(flatten)]
    launch: Launch,
}

async fn house() -> House {
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("index.html"), "<!doctype html><title>Vigie</title>").unwrap();
    let data = files.path().join("data");
    let args = ["test", "--keys", "file", "--seed", "7", "--objects", "500", "--data-dir"].map(OsString::from);
    let launch = Args::parse_from(args.into_iter().chain([data.into_os_string()])).launch;
    let api = Api::start(launch).await.unwrap();
    let router = router(api.clone(), Token::new(SECRET).unwrap(), files.path());
    House { router, api, _files: files }
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:4000")
}

async fn answer(house: &House, request: Request<Body>) -> Response<Body> {
    house.router.clone().oneshot(request).await.unwrap()
}

async fn json_of(response: Response<Body>) -> Value {
    serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_core_answers_without_the_token() {
    let house = house().await;
    for (method, path) in [(Method::POST, "/call/status"), (Method::GET, "/points"), (Method::GET, "/events")] {
        for path in [path.to_owned(), format!("{path}?token="), format!("{path}?token=0123456789abcdef-tesT")] {
            let refused = answer(&house, request(method.clone(), &path).body(Body::empty()).unwrap()).await;
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
        let wrong = request(method, path).header(header::AUTHORIZATION, "Bearer wrong").body(Body::empty()).unwrap();
        assert_eq!(answer(&house, wrong).await.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    house.api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_the_token_is_answered_in_json() {
    let house = house().await;
    let bearer = format!("Bearer {SECRET}");
    let asked = request(Method::POST, "/call/status").header(header::AUTHORIZATION, bearer).body("{}".into()).unwrap();
    let answered = answer(&house, asked).await;
    assert_eq!(answered.status(), StatusCode::OK);
    assert_eq!(json_of(answered).await["mode"], "training");

    let points = request(Method::GET, &format!("/points?token={SECRET}")).body(Body::empty()).unwrap();
    let points = answer(&house, points).await;
    assert_eq!(points.headers()[header::CONTENT_TYPE], "application/octet-stream");
    house.api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_crosses_as_a_code_and_a_message() {
    let house = house().await;
    for (path, body) in [("/call/no_such_command", "{}"), ("/call/object", "{}"), ("/call/status", "no json")] {
        let asked = request(Method::POST, &format!("{path}?token={SECRET}")).body(body.into()).unwrap();
        let refused = answer(&house, asked).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{path}");
        let error = json_of(refused).await;
        assert_eq!(error["code"], "bad_request", "{path}");
        assert!(error["message"].is_string(), "{path}");
    }
    house.api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_name_is_refused_even_with_the_token() {
    let house = house().await;
    for path in ["/", "/call/status", "/points"] {
        let asked = Request::builder().uri(format!("{path}?token={SECRET}")).header(header::HOST, "evil.example");
        let refused = answer(&house, asked.body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{path}");
    }
    house.api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_needs_no_token_and_carries_the_window_s_policy() {
    let house = house().await;
    let page = answer(&house, request(Method::GET, "/").body(Body::empty()).unwrap()).await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();

    let shell = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tauri.conf.json");
    let shell: Value = serde_json::from_str(&std::fs::read_to_string(shell).unwrap()).unwrap();
    for (directive, sources) in shell["app"]["security"]["csp"].as_object().unwrap() {
        // Only the window has its own protocol for commands.
        let sources = sources.as_str().unwrap().replace(" ipc: http://ipc.localhost", "");
        assert!(policy.contains(&format!("{directive} {sources}")), "{directive} {sources} is not in {policy}");
    }
    assert!(!policy.contains("unsafe"));
    house.api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_arrive_as_text_and_changes_as_bytes() {
    let house = house().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(axum::serve(listener, house.router.clone()).into_future());
    let url = format!("ws://{address}/events?token={SECRET}");
    let (mut events, _) = tokio_tungstenite::connect_async(url).await.unwrap();

    house.api.call("training", json!({"speed": 600.0})).await.unwrap();
    house.api.call("training", json!({"plugged": false})).await.unwrap();
    house.api.call("training", json!({"plugged": true})).await.unwrap();
    let (mut text, mut bytes) = (false, false);
    let both = async {
        while !(text && bytes) {
            match events.next().await.unwrap().unwrap() {
                Message::Text(push) => {
                    let push: Value = serde_json::from_str(&push).unwrap();
                    assert!(push["type"].is_string(), "{push}");
                    text = true;
                }
                Message::Binary(changes) => {
                    assert_eq!(&changes[..4], b"VGC1", "packed changes begin with their magic");
                    bytes = true;
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), both).await.expect("text and bytes within 30 s");
    served.abort();
    house.api.shutdown().await;
}
