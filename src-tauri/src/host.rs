//! The api behind the window. It starts beside the window, so that the screen is there while files open and cities grow;
//! a command that comes too early waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tauri::AppHandle;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, InvokeResponseBody, Response};
use tokio::sync::watch;
use vigie_api::{Api, ApiError, Frame, Launch};

/// The api once it has started, and the pages that listen to it: one for each window.
#[derive(Clone)]
pub(crate) struct Host {
    started: watch::Receiver<Option<Api>>,
    listeners: Arc<Mutex<HashMap<String, JoinHandle<()>>>>,
}

impl Host {
    /// Starts the api on Tauri's runtime and returns at once.
    pub(crate) fn start(launch: Launch, app: &AppHandle) -> Self {
        let (ready, started) = watch::channel(None);
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match Api::start(launch).await {
                Ok(api) => drop(ready.send_replace(Some(api))),
                // Only arguments that make no sense get here; whatever a person can repair on the screen is a status.
                Err(error) => {
                    eprintln!("vigie: {} ({})", error.message, error.code);
                    app.exit(1);
                }
            }
        });
        Self { started, listeners: Arc::default() }
    }

    /// The api, once started.
    pub(crate) async fn api(&self) -> Result<Api, ApiError> {
        let mut started = self.started.clone();
        let api = started.wait_for(Option::is_some).await.ok().and_then(|started| started.clone());
        api.ok_or_else(|| ApiError::new("not_ready", "the program stopped while it was starting"))
    }

    /// Ends the api, if it started, within `deadline`.
    pub(crate) async fn shutdown(&self, deadline: Duration) {
        let started = self.started.borrow().clone();
        if let Some(api) = started
            && tokio::time::timeout(deadline, api.shutdown()).await.is_err()
        {
            tracing::warn!("the api did not end within {} s", deadline.as_secs());
        }
    }

    /// Makes `task` the one listener of a window. A page that was reloaded listens anew; what went to the former one would
    /// pile up.
    fn listen(&self, window: &str, task: JoinHandle<()>) {
        let former = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).insert(window.to_owned(), task);
        if let Some(former) = former {
            former.abort();
        }
    }
}

/// Runs a command of the api by name.
#[tauri::command]
pub(crate) async fn call(host: tauri::State<'_, Host>, name: String, args: Value) -> Result<Value, ApiError> {
    host.api().await?.call(&name, args).await
}

/// The packed points of the map, as bytes.
#[tauri::command]
pub(crate) async fn points(host: tauri::State<'_, Host>) -> Result<Response, ApiError> {
    Ok(Response::new(host.api().await?.points().await))
}

/// A range of the ground file, as bytes.
#[tauri::command]
pub(crate) async fn ground(host: tauri::State<'_, Host>, offset: u64, length: u32) -> Result<Response, ApiError> {
    Ok(Response::new(host.api().await?.ground(offset, length).await?))
}

/// A picture of the ground, as bytes.
#[tauri::command]
pub(crate) async fn ground_tile(host: tauri::State<'_, Host>, z: u8, x: u32, y: u32) -> Result<Response, ApiError> {
    Ok(Response::new(host.api().await?.ground_tile(z, x, y).await?))
}

/// From now on `channel` gets what the api pushes: JSON objects and packed changes, in order.
#[tauri::command]
pub(crate) async fn subscribe(
    host: tauri::State<'_, Host>,
    webview: tauri::Webview,
    channel: Channel<InvokeResponseBody>,
) -> Result<(), ApiError> {
    let mut frames = host.api().await?.subscribe();
    let task = tauri::async_runtime::spawn(async move {
        while let Some(frame) = frames.recv().await {
            let body = match frame {
                Frame::Bytes(bytes) => InvokeResponseBody::Raw(bytes),
                Frame::Push(push) => match serde_json::to_string(&push) {
                    Ok(json) => InvokeResponseBody::Json(json),
                    Err(error) => {
                        tracing::error!("a push cannot be written as JSON: {error}");
                        continue;
                    }
                },
            };
            if channel.send(body).is_err() {
                break;
            }
        }
    });
    host.listen(webview.label(), task);
    Ok(())
}
