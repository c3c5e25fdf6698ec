//! Who may come in: the token and the host name.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

/// The secret in the address. Compared in constant time, never printed by `Debug`.
#[derive(Clone)]
pub struct Token(String);

/// A token that a request line or a guess could carry by accident.
#[derive(Debug, PartialEq, Eq)]
pub struct WeakToken;

impl std::fmt::Display for WeakToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a token has at least 16 characters, each a letter, a digit, '-' or '_'")
    }
}

impl std::error::Error for WeakToken {}

impl Token {
    /// A token of at least 16 characters that need no escaping in an address.
    pub fn new(secret: impl Into<String>) -> Result<Self, WeakToken> {
        let secret = secret.into();
        let plain = secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if secret.len() < 16 || !plain { Err(WeakToken) } else { Ok(Self(secret)) }
    }

    /// The secret, for the address that is printed once.
    pub fn secret(&self) -> &str {
        &self.0
    }

    fn matches(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// Whether a request carries it: `Authorization: Bearer …`, or `?token=…` where no header can be set (WebSocket).
    fn is_in(&self, headers: &HeaderMap, query: &str) -> bool {
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("token="));
        bearer.or(asked).is_some_and(|given| self.matches(given))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Lets a request with the token through.
pub async fn token(State(token): State<Token>, request: Request, next: Next) -> Response {
    if token.is_in(request.headers(), request.uri().query().unwrap_or_default()) {
        return next.run(request).await;
    }
    let body = r#"{"code":"unauthorized","message":"open the address that the development host printed: it carries the token"}"#;
    (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Lets a request through whose `Host` is this machine by name.
pub async fn loopback(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if is_loopback(host) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "this host answers to localhost only").into_response()
}

/// Whether a `Host` header names this machine: `localhost`, `127.…` or `[::1]`, with or without a port.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The window's policy (`tauri.conf.json`), without what only the window's own protocol needs.
pub const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:9"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.4:80", "[fe80::1]"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_token_is_neither_short_nor_printed() {
        assert!(Token::new("short").is_err());
        assert!(Token::new("with spaces in it, long").is_err());
        let token = Token::new("0123456789abcdef").unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert!(token.matches("0123456789abcdef"));
        assert!(!token.matches("0123456789abcdeF"));
        assert!(!token.matches("0123456789abcdef0"));
    }
}
