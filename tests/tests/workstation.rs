//! The real window on its workstation: its page dies, it is started twice, a screen is lost, nobody looks when an alarm comes.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test expects and does not get fails it")]

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use vigie_tests::{Bus, SCREEN, Screens, Window};

const CITY: &[&str] = &["--objects", "3000", "--seed", "7"];

/// Waits until something beside the page holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..300 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(holds(), "{what}");
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn a_page_whose_process_dies_comes_back_by_itself_with_what_was_typed() {
    let mut window = Window::open(CITY).await.unwrap();
    window.press("F6").await.unwrap();
    window.focused("Texte de la ligne").await.unwrap();
    window.types("Fil à terre rue Haute").await.unwrap();
    let kept = |drafts: &Value| drafts.to_string().contains("Fil à terre rue Haute");
    window.core_until("drafts", json!({}), kept).await.unwrap();

    window.kill_page().await.unwrap();
    window.sees("Cette fenêtre s'est arrêtée et a été rouverte sur place").await.unwrap();
    window.drawn().await.unwrap();
    window.picture("reopened");
    window.press("F6").await.unwrap();
    let typed =
        "return [...document.querySelectorAll('textarea')].some((one) => one.value === 'Fil à terre rue Haute')";
    window.until("what was typed is not there", typed, vec![]).await.unwrap();
}

/// Where the windows stood at the end of the former session: the main one on the left, the sheet's as asked.
fn stood(files: &Path, sheet: i32) -> anyhow::Result<()> {
    let place = |x: i32| json!({"area": {"x": x, "y": 60, "width": 900, "height": 640}, "maximized": false, "fullscreen": false, "open": true});
    std::fs::create_dir_all(files)?;
    std::fs::write(files.join("windows.json"), json!({"main": place(40), "sheet": place(sheet)}).to_string())?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn a_second_start_brings_the_first_window_to_the_front_and_ends() {
    let (bus, screens) = (Bus::start().unwrap(), Screens::start().unwrap());
    let window = Window::open_as(CITY, |command, files| {
        bus.lend(command);
        screens.lend(command);
        stood(files, 200)
    })
    .await
    .unwrap();
    let in_front = |title: &str| screens.windows().unwrap().first().is_some_and(|shown| shown.title == title);
    until("the sheet's window is not in front", || in_front("Vigie · Fiche de l'objet — FORMATION")).await;
    let said = window.start_again(|command| {
        bus.lend(command);
        screens.lend(command);
    });
    let said = said.unwrap();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(!said.err.contains("replica"), "the files are opened once: {}", said.err);
    until("the first window does not come to the front", || in_front("Vigie — FORMATION")).await;
    assert_eq!(screens.windows().unwrap().len(), 2);
    assert_eq!(window.core("status", json!({})).await.unwrap()["phase"], "ready");
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn it_starts_with_the_session_once_somebody_says_so_and_no_longer_once_he_says_the_contrary() {
    let window = Window::open(CITY).await.unwrap();
    let entry = window.home().join(".config/autostart/Vigie.desktop");
    assert!(!entry.exists());
    window.palette("réglages", "Réglages").await.unwrap();
    window.tab_to("Ouvrir Vigie au début de la session").await.unwrap();
    window.press("Space").await.unwrap();
    until("it does not start with the session", || entry.exists()).await;
    let text = std::fs::read_to_string(&entry).unwrap();
    assert!(text.lines().any(|line| line.starts_with("Exec=") && line.ends_with("--objects 3000 --seed 7")), "{text}");
    window.press("Space").await.unwrap();
    until("it still starts with the session", || !entry.exists()).await;
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn an_alarm_of_priority_1_that_comes_while_nobody_looks_is_a_notification_that_names_nobody() {
    let bus = Bus::start().unwrap();
    let window = Window::open_as(CITY, |command, _| {
        bus.lend(command);
        Ok(())
    })
    .await
    .unwrap();
    window.run("document.hasFocus = () => false", vec![]).await.unwrap();
    window
        .core("training", json!({"plugged": null, "speed": 60, "scenario": "alarm-flood", "second": null}))
        .await
        .unwrap();
    let told = bus.notification(Duration::from_secs(60)).unwrap();
    assert_eq!(told.title, "Vigie : alarme de priorité 1");
    assert_eq!(told.text, "Personne ne l'a encore prise en charge. Ouvrez Vigie.");
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn a_window_whose_screen_is_pulled_out_comes_to_the_other_and_goes_home_with_its_screen() {
    let screens = Screens::start().unwrap();
    let (width, _) = SCREEN;
    let _window = Window::open_as(CITY, |command, files| {
        screens.lend(command);
        stood(files, width + 100)
    })
    .await
    .unwrap();
    let on_right =
        || screens.windows().unwrap().iter().any(|shown| shown.title.contains("Fiche") && shown.left >= width);
    until("it is not where it was", on_right).await;
    screens.lose_right().unwrap();
    until("it stays on a screen that is gone", || !on_right()).await;
    assert_eq!(screens.windows().unwrap().len(), 2);
    screens.gain_right().unwrap();
    until("it does not go home", on_right).await;
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn the_place_under_the_map_s_middle_is_copied_and_pasted_by_keyboard() {
    let window = Window::open(CITY).await.unwrap();
    window.press("Ctrl+Shift+p").await.unwrap();
    window.sees("Copié :").await.unwrap();
    window.press("F6").await.unwrap();
    window.focused("Texte de la ligne").await.unwrap();
    window.press("Ctrl+v").await.unwrap();
    let pasted = "return [...document.querySelectorAll('textarea')].some((one) => one.value.includes('(Lambert-93)'))";
    window.until("nothing was pasted", pasted, vec![]).await.unwrap();
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn a_machine_from_which_no_sound_goes_out_says_so_although_the_web_view_plays() {
    let window = Window::open(CITY).await.unwrap();
    let asked = "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('has_sound').then(done)";
    let silent = window.run_async(asked, vec![]).await.unwrap() == json!(false);
    window.palette("réglages", "Réglages").await.unwrap();
    window.tab_to("Tester le son").await.unwrap();
    window.press("Enter").await.unwrap();
    if silent {
        window.sees("Le son des alarmes ne sort plus de ce poste").await.unwrap();
    } else {
        assert!(!window.shows("Le son des alarmes ne sort plus de ce poste").await.unwrap());
    }
}
