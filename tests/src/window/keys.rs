//! The keyboard: what an operator presses, by the names that the cheat sheet prints.

use anyhow::{Context as _, bail};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;

use super::Window;

/// As many times as `Tab` is pressed before something counts as out of reach.
const FARTHEST: usize = 80;

impl Window {
    /// Presses a chord, such as `Ctrl+Shift+p`, `F3`, `Enter` or a character.
    pub async fn press(&self, chord: &str) -> anyhow::Result<()> {
        let keys = chord.split('+').map(key).collect::<anyhow::Result<Vec<_>>>()?;
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in &keys {
            actions = actions.then(KeyAction::Down { value: *value });
        }
        for value in keys.iter().rev() {
            actions = actions.then(KeyAction::Up { value: *value });
        }
        self.page.perform_actions(actions).await.with_context(|| format!("{chord} could not be pressed"))
    }

    /// Types a text, key by key.
    pub async fn types(&self, text: &str) -> anyhow::Result<()> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.page.perform_actions(actions).await.with_context(|| format!("{text:?} could not be typed"))
    }

    /// Goes with `Tab` to the element whose name begins with these words: a button by its text, a field by its label.
    pub async fn tab_to(&self, name: &str) -> anyhow::Result<()> {
        self.go_to(name, "Tab").await
    }

    /// As [`Window::tab_to`], the other way round.
    pub async fn back_to(&self, name: &str) -> anyhow::Result<()> {
        self.go_to(name, "Shift+Tab").await
    }

    async fn go_to(&self, name: &str, key: &str) -> anyhow::Result<()> {
        let mut passed = Vec::new();
        for _ in 0..FARTHEST {
            let focus = self.focus().await?;
            if focus.starts_with(name) {
                return Ok(());
            }
            passed.push(focus);
            self.press(key).await?;
        }
        self.picture("failed");
        bail!("{key} never reached {name:?}: {passed:?}")
    }

    /// The name of what has the focus.
    pub async fn focus(&self) -> anyhow::Result<String> {
        let script = "const at = document.activeElement; if (!at || at === document.body) return ''; \
                      const label = at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText ?? at.id; \
                      return label.replace(/\\s+/g, ' ').trim()";
        Ok(self.run(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the focus is on the element whose name begins with these words.
    pub async fn focused(&self, name: &str) -> anyhow::Result<()> {
        let script = "const at = document.activeElement; \
                      const label = at?.getAttribute('aria-label') ?? at?.labels?.[0]?.innerText ?? at?.innerText ?? ''; \
                      return label.replace(/\\s+/g, ' ').trim().startsWith(arguments[0])";
        self.until(&format!("the focus never came to: {name}"), script, vec![json!(name)]).await.map(drop)
    }

    /// Opens search and actions, types, and takes the first line that is offered once it bears the words `offered`.
    pub async fn palette(&self, words: &str, offered: &str) -> anyhow::Result<()> {
        self.press("F3").await?;
        self.focused("Chercher et agir").await?;
        self.types(words).await?;
        let script = "return document.querySelector('[role=dialog] [aria-selected=true], dialog[open] [aria-selected=true]')?.innerText.includes(arguments[0])";
        self.until(&format!("search never offered: {offered}"), script, vec![json!(offered)]).await?;
        self.press("Enter").await
    }
}

/// A key by its name on the cheat sheet.
fn key(name: &str) -> anyhow::Result<char> {
    let key = match name {
        "Ctrl" => Key::Control,
        "Shift" => Key::Shift,
        "Alt" => Key::Alt,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Tab" => Key::Tab,
        "Space" => return Ok(' '),
        "ArrowDown" => Key::Down,
        "ArrowUp" => Key::Up,
        "ArrowRight" => Key::Right,
        "ArrowLeft" => Key::Left,
        "Backspace" => Key::Backspace,
        "F1" => Key::F1,
        "F2" => Key::F2,
        "F3" => Key::F3,
        "F4" => Key::F4,
        "F6" => Key::F6,
        "F7" => Key::F7,
        "F8" => Key::F8,
        "F9" => Key::F9,
        _ => {
            return name.chars().next().filter(|_| name.chars().count() == 1).with_context(|| format!("no key {name}"));
        }
    };
    Ok(key.into())
}
