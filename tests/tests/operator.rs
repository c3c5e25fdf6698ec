//! One operator drives the real window by keyboard, through what a night brings: every key goes in as a key, and what is
//! claimed is read off the screen.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test expects and does not get fails it")]

use serde_json::{Value, json};
use vigie_tests::Window;

/// A light that the training city promises to be reliable.
const LIGHT: &str = "L-00001";

async fn room() -> Window {
    Window::open(&["--objects", "3000", "--seed", "7"]).await.unwrap()
}

/// The object of a kind that the training city promises to be reliable: of the others, one order in twelve fails.
async fn reliable(window: &Window, kind: &str) -> Value {
    let filter = json!({"kinds": [kind], "abnormal": false, "bounds": null, "offset": 0, "limit": 5000});
    let page = window.core("objects", filter).await.unwrap();
    let mut found = None;
    for line in page["lines"].as_array().unwrap() {
        let object = window.core("object", json!({"equipment_id": line["equipment_id"]})).await.unwrap();
        if object["attributes"]["training_reliable"] == json!(true) {
            found = Some(line.clone());
            break;
        }
    }
    assert!(found.is_some(), "the training city promises no reliable {kind}");
    found.unwrap()
}

/// Finds an object by its reference and opens its sheet.
async fn open(window: &Window, reference: &str) {
    window.palette(reference, reference).await.unwrap();
    window.sees(&format!("réf. {reference}")).await.unwrap();
}

/// From the open sheet: a street's lights, as one command.
async fn street(window: &Window, action: &str, level: Option<&str>) {
    window.palette("toute cette rue", "Toute cette rue").await.unwrap();
    window.focused("Ce qui est demandé").await.unwrap();
    window.types(action).await.unwrap();
    if let Some(level) = level {
        window.press("Tab").await.unwrap();
        window.press("Ctrl+a").await.unwrap();
        window.types(level).await.unwrap();
    }
    window.tab_to("Préparer").await.unwrap();
    window.press("Enter").await.unwrap();
    window.sees("Ce qui va se passer").await.unwrap();
    window.picture("street-prepared");
    window.tab_to("Commander").await.unwrap();
    window.press("Space").await.unwrap();
    window.sees("faits sur").await.unwrap();
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn a_street_is_dimmed_and_given_back_to_its_programme() {
    let window = room().await;
    window.picture("start");
    open(&window, LIGHT).await;
    window.picture("street-sheet");
    street(&window, "Régl", Some("60")).await;
    let over = |groups: &Value| groups[0]["under_way"] == 0 && groups[0]["to_send"] == 0;
    let groups = window.core_until("groups", json!({}), over).await.unwrap();
    assert!(groups[0]["done"].as_u64().unwrap() > 1, "{groups:#}");
    window.sees(&format!("{} faits sur {}", groups[0]["done"], groups[0]["total"])).await.unwrap();
    window.picture("street-dimmed");
    let effects = window.core("effects", json!({})).await.unwrap();
    let of_light = |effects: &Value| {
        let effects = effects.as_array().unwrap();
        effects.iter().find(|effect| effect["reference"] == LIGHT).map(|effect| effect["standing"].clone())
    };
    assert_eq!(of_light(&effects), Some(json!("in_force")), "{effects:#}");

    window.press("Escape").await.unwrap();
    street(&window, "Rendre", None).await;
    window
        .core_until("groups", json!({}), |groups| groups.as_array().unwrap().len() == 2 && over(groups))
        .await
        .unwrap();
    window.picture("street-back");
    window.core_until("effects", json!({}), |effects| of_light(effects) == Some(json!("ended"))).await.unwrap();
    window.palette("en vigueur", "En vigueur").await.unwrap();
    window.sees("terminé").await.unwrap();
    window.picture("street-in-force");
}

/// From the open sheet: chooses a dangerous action and prepares it.
async fn prepare(window: &Window, action: &str) {
    window.palette(action, action).await.unwrap();
    window.sees("Durée de l'effet").await.unwrap();
    window.tab_to("Préparer").await.unwrap();
    window.press("Enter").await.unwrap();
    window.focused("Ce qui va se passer").await.unwrap();
}

/// Once somebody approved, or nobody answered: selects, types the reference, operates.
async fn select(window: &Window, reference: &str) {
    window.focused("Sélectionner").await.unwrap();
    window.press("Enter").await.unwrap();
    window.focused("Tapez la référence de l'objet").await.unwrap();
    window.types(reference).await.unwrap();
    window.press("Tab").await.unwrap();
    window.focused("Commander").await.unwrap();
}

/// Waits until the newest command on an object is done.
async fn done(window: &Window, line: &Value) -> Value {
    let ours = |outbox: &Value| {
        outbox.as_array().and_then(|all| all.iter().find(|c| c["equipment_id"] == line["equipment_id"])).cloned()
    };
    let done = |outbox: &Value| ours(outbox).is_some_and(|command| command["word"] == "done");
    ours(&window.core_until("outbox", json!({}), done).await.unwrap()).unwrap()
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn r6_r7_a_junction_is_set_to_flashing_by_two_and_enter_alone_never_operates_it() {
    let window = room().await;
    let junction = reliable(&window, "signal_junction").await;
    let reference = junction["reference"].as_str().unwrap();
    open(&window, reference).await;
    prepare(&window, "Mettre au clignotant").await;
    window.sees("classe D").await.unwrap();
    window.picture("flashing-prepared");
    window.tab_to("Demander une seconde personne").await.unwrap();
    window.press("Enter").await.unwrap();
    window.focused("Demandé.").await.unwrap();
    window.picture("flashing-asked");
    window.sees("Accord de").await.unwrap();
    window.picture("flashing-approved");
    select(&window, reference).await;
    window.picture("flashing-selected");
    window.press("Enter").await.unwrap();
    assert_eq!(window.core("outbox", json!({})).await.unwrap(), json!([]), "Enter operates nothing");
    window.press("Space").await.unwrap();
    let command = done(&window, &junction).await;
    assert_eq!(command["class"], "D");
    assert!(command["approver"].is_string(), "{command:#}");
    window.sees("feux clignotant").await.unwrap();
    window.picture("flashing-done");
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn r8_a_bollard_is_lowered_for_an_ambulance_alone_at_night() {
    let window = room().await;
    window.palette("formation", "Formation").await.unwrap();
    window.tab_to("Faire taire").await.unwrap();
    window.press("Enter").await.unwrap();
    window.sees("personne ne répond").await.unwrap();
    let bollard = reliable(&window, "bollard").await;
    let reference = bollard["reference"].as_str().unwrap();
    open(&window, reference).await;
    prepare(&window, "Baisser la borne").await;
    window.tab_to("Demander une seconde personne").await.unwrap();
    window.press("Enter").await.unwrap();
    window.sees("Sans réponse dans").await.unwrap();
    window.picture("alone-waiting");
    // The thirty seconds of the city pass in three.
    let speed = |speed: u32| json!({"plugged": null, "speed": speed, "scenario": null, "second": null});
    window.core("training", speed(10)).await.unwrap();
    window.sees("Opérer seul").await.unwrap();
    window.core("training", speed(1)).await.unwrap();
    window.tab_to("Opérer seul").await.unwrap();
    window.press("Enter").await.unwrap();
    window.focused("Motif").await.unwrap();
    for words in ["SAMU 21", "15", "formation"] {
        window.press("Tab").await.unwrap();
        window.types(words).await.unwrap();
    }
    window.picture("alone-told");
    window.press("Tab").await.unwrap();
    select(&window, reference).await;
    window.press("Space").await.unwrap();
    let command = done(&window, &bollard).await;
    assert_eq!(command["alone"], "emergency_vehicle");
    window.picture("alone-done");
    let told = |summary: &Value| summary["notices"].as_array().unwrap().iter().any(|n| n["reason"] == "operated_alone");
    window.core_until("alarm_summary", json!({}), told).await.unwrap();
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn r13_orders_noted_during_a_cut_are_met_again_and_none_goes_by_itself() {
    let window = room().await;
    let junction = reliable(&window, "signal_junction").await;
    let reference = junction["reference"].as_str().unwrap().to_owned();
    plug(&window, "Débrancher").await;
    window.sees("Liaison perdue depuis").await.unwrap();
    window.picture("cut");
    for plan in ["2", "1"] {
        open(&window, &reference).await;
        window.palette("Changer de plan", "Changer de plan").await.unwrap();
        window.sees("Durée de l'effet").await.unwrap();
        window.press("Ctrl+a").await.unwrap();
        window.types(plan).await.unwrap();
        window.tab_to("Préparer").await.unwrap();
        window.press("Enter").await.unwrap();
        window.sees("elle est seulement NOTÉE").await.unwrap();
        window.picture("cut-noted");
        window.tab_to("Noter l'ordre").await.unwrap();
        window.press("Space").await.unwrap();
        window.sees("Ordre noté, non envoyé").await.unwrap();
    }
    plug(&window, "Rebrancher").await;
    window.sees("La liaison est revenue").await.unwrap();
    // The keyboard is on the order itself.
    window.focused(junction["name"].as_str().unwrap()).await.unwrap();
    window.picture("review");
    let review = window.core("review", json!({})).await.unwrap();
    let asked = review["cards"].as_array().unwrap().len();
    assert!(asked >= 1, "{review:#}");
    assert!(
        window.core("object", json!({"equipment_id": junction["equipment_id"]})).await.unwrap()["target"].is_null()
    );
    window.tab_to("Nouvelle commande").await.unwrap();
    window.press("Enter").await.unwrap();
    window.sees("Remplace l'ordre noté").await.unwrap();
    window.picture("review-again");
    window.tab_to("Préparer").await.unwrap();
    window.press("Enter").await.unwrap();
    window.tab_to("Commander").await.unwrap();
    window.press("Space").await.unwrap();
    done(&window, &junction).await;
    window.picture("review-done");
}

/// Moves the plug of the training panel.
async fn plug(window: &Window, button: &str) {
    window.palette("formation", "Formation").await.unwrap();
    window.tab_to(button).await.unwrap();
    window.press("Enter").await.unwrap();
}

#[tokio::test]
#[ignore = "needs the built programs and a display: cargo xtask test"]
async fn r10_a_crew_on_site_is_met_with_whom_to_call_and_no_command_passes() {
    let window = room().await;
    open(&window, LIGHT).await;
    window.palette("bloquer", "Bloquer").await.unwrap();
    window.sees("Bloquer la télécommande : équipe sur place").await.unwrap();
    for words in ["Karim Saïdi", "06 12 34 56 78", "Armoire, côté pair", "Contrôleur"] {
        window.types(words).await.unwrap();
        window.press("Tab").await.unwrap();
    }
    window.picture("lock-asked");
    window.press("Ctrl+Enter").await.unwrap();
    window.sees("Télécommande bloquée : équipe sur place.").await.unwrap();
    window.sees("06 12 34 56 78").await.unwrap();
    window.picture("lock-met");

    window.palette("régler le niveau", "Régler le niveau").await.unwrap();
    window.tab_to("Préparer").await.unwrap();
    window.press("Enter").await.unwrap();
    window.sees("aucune commande ne passe. Appelez son titulaire").await.unwrap();
    window.picture("lock-refused");
    let prepared = window.screen().await.unwrap();
    assert!(prepared.contains("Karim Saïdi") && prepared.contains("06 12 34 56 78"), "{prepared}");
    assert!(!window.offers("Commander").await.unwrap(), "nothing operates");
    assert_eq!(window.core("outbox", json!({})).await.unwrap(), json!([]));
}
