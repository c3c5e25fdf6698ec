//! The routes.

use std::path::Path;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Path as Name, Query, State, WebSocketUpgrade};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;
use vigie_api::{Api, ApiError, Frame};

use crate::guard::{self, Token};

/// Everything the host answers: the api behind the token, the files of `interface` in front of it.
pub fn router(api: Api, token: Token, interface: &Path) -> Router {
    let files = ServeDir::new(interface).fallback(ServeFile::new(interface.join("index.html")));
    Router::new()
        .route("/call/{name}", post(call))
        .route("/points", get(points))
        .route("/ground", get(ground))
        .route("/ground/{z}/{x}/{y}", get(ground_tile))
        .route("/events", get(events))
        .route_layer(middleware::from_fn_with_state(token, guard::token))
        .with_state(api)
        .fallback_service(files)
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, guard::CSP))
        .layer(SetResponseHeaderLayer::overriding(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(middleware::from_fn(guard::loopback))
}

async fn call(State(api): State<Api>, Name(name): Name<String>, body: Bytes) -> Response {
    let args = match serde_json::from_slice::<Value>(if body.is_empty() { b"{}" } else { &body }) {
        Ok(args) => args,
        Err(error) => return refuse(&ApiError::new("bad_request", format!("{name}: the body is no JSON: {error}"))),
    };
    match api.call(&name, args).await {
        Ok(reply) => Json(reply).into_response(),
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &ApiError) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!(error))).into_response()
}

async fn points(State(api): State<Api>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], api.points().await).into_response()
}

/// A range of bytes.
#[derive(serde::Deserialize)]
struct Range {
    offset: u64,
    length: u32,
}

async fn ground(State(api): State<Api>, Query(Range { offset, length }): Query<Range>) -> Response {
    match api.ground(offset, length).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Err(error) => refuse(&error),
    }
}

async fn ground_tile(State(api): State<Api>, Name((z, x, y)): Name<(u8, u32, u32)>) -> Response {
    match api.ground_tile(z, x, y).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Err(error) => refuse(&error),
    }
}

async fn events(State(api): State<Api>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| forward(api, socket))
}

/// Sends frames until either side ends.
async fn forward(api: Api, mut socket: WebSocket) {
    let mut frames = api.subscribe();
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            said = socket.recv() => match said {
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        let message = match frame {
            None => return,
            Some(Frame::Bytes(bytes)) => Message::Binary(bytes.into()),
            Some(Frame::Push(push)) => match serde_json::to_string(&push) {
                Ok(text) => Message::Text(text.into()),
                Err(error) => {
                    tracing::error!("a push cannot be written as JSON: {error}");
                    continue;
                }
            },
        };
        if socket.send(message).await.is_err() {
            return;
        }
    }
}
