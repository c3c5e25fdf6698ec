//! What the page says of itself, asked through the web view and not through the page's own commands.

use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tauri::WebviewWindow;
use tokio::sync::oneshot;

use super::{at, until};

/// The page writes `vigie`, `points` and `firstPaintMs` on its root element once it has painted the first points.
const QUESTION: &str = "JSON.stringify({...document.documentElement.dataset, origin: String(performance.timeOrigin)})";

/// A map that is drawn.
pub(super) struct Drawn {
    /// Points on it.
    pub(super) points: u64,
    /// From the start of the page to the first points.
    pub(super) first_paint_ms: u64,
    /// When that was, ms since 1970.
    pub(super) first_paint_at: u64,
}

/// Waits until the page has painted its points.
pub(super) async fn drawn(window: &WebviewWindow, patience: Duration) -> anyhow::Result<Drawn> {
    let mut last = Value::Null;
    let found = until(patience, async || {
        last = ask(window).await?;
        Ok(read(&last))
    })
    .await?;
    found.with_context(|| format!("the window drew no map within {} s; its page says {last}", patience.as_secs()))
}

fn read(page: &Value) -> Option<Drawn> {
    let number = |path| at(page, path).as_str().and_then(|text| text.parse::<f64>().ok()).map(|n| n.round() as u64);
    let (first_paint_ms, origin) = (number("/firstPaintMs")?, number("/origin").unwrap_or(0));
    let drawn = Drawn { points: number("/points")?, first_paint_ms, first_paint_at: origin + first_paint_ms };
    (at(page, "/vigie") == "drawn" && drawn.points > 0).then_some(drawn)
}

/// Null while there is no page to ask.
async fn ask(window: &WebviewWindow) -> anyhow::Result<Value> {
    let (answer, said) = oneshot::channel();
    let answer = Mutex::new(Some(answer));
    window.eval_with_callback(QUESTION, move |text| {
        if let Some(answer) = answer.lock().ok().and_then(|mut answer| answer.take()) {
            // Nobody waits for it when the question was given up.
            let _ = answer.send(text);
        }
    })?;
    // A page that is still loading may lose the question.
    let Ok(Ok(text)) = tokio::time::timeout(Duration::from_secs(1), said).await else { return Ok(Value::Null) };
    Ok(unwrap(&text))
}

/// The web view gives JSON of the text, which is JSON itself.
fn unwrap(text: &str) -> Value {
    let outer: Value = serde_json::from_str(text).unwrap_or_default();
    match outer.as_str() {
        Some(inner) => serde_json::from_str(inner).unwrap_or_default(),
        None => outer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_drawn_only_once_it_has_points_and_says_so() {
        let page = |vigie: &str, points: &str| {
            let data = format!(r#"{{"vigie":"{vigie}","points":"{points}","firstPaintMs":"812.4"}}"#);
            read(&unwrap(&Value::String(data).to_string())).map(|drawn| (drawn.points, drawn.first_paint_ms))
        };
        assert_eq!(page("drawn", "36012"), Some((36012, 812)));
        assert_eq!(page("drawn", "0"), None);
        assert_eq!(page("starting", "36012"), None);
        assert!(read(&unwrap("{}")).is_none());
        assert!(read(&unwrap("not json")).is_none());
    }
}
