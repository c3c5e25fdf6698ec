//! The devices on the other side: a command goes from PostgreSQL by the gateway and a real broker to a simulated device, and
//! its answer and state come back, in each of the four shapes.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "the lints' exceptions for tests do not see their helpers; a deadline of the test itself runs on the machine's clock"
)]

mod street;

use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, QoS};
use serde_json::{Value, json};
use street::{DEADLINE, Object, Program, Street};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use vigie_core::equipment::EquipmentKind as K;
use vigie_core::ids::CommandId;
use vigie_core::port::MetropolisMode;
use vigie_core::programme::ProgrammeKind;
use vigie_testkit::broker::Broker;

const LIGHT: u128 = 0;
const JUNCTION: u128 = 1;
const BUILDING: u128 = 2;
const SIGN: u128 = 3;
const OTHER_LIGHTS: [u128; 2] = [4, 5];

const OBJECTS: [Object; 6] = [
    (LIGHT, K::StreetLight),
    (JUNCTION, K::SignalJunction),
    (BUILDING, K::Building),
    (SIGN, K::MessageSign),
    (OTHER_LIGHTS[0], K::StreetLight),
    (OTHER_LIGHTS[1], K::StreetLight),
];

const LINES: &str = r#"
[[line]]
name = "lights"
profile = "talq"
prefix = "dijon/lights"
broker = "BROKER"

[[line]]
name = "signals"
profile = "rsmp"
prefix = "dijon/signals"
broker = "BROKER"

[[line]]
name = "buildings"
profile = "sparkplug"
prefix = "dijon"
kinds = ["building"]
broker = "BROKER"

[[line]]
name = "signs"
profile = "plain"
prefix = "dijon/signs"
kinds = ["message_sign"]
broker = "BROKER"
"#;

/// The devices, once they play.
fn playing(street: &Street) -> Program {
    let mut devices = street.devices();
    let mut said = String::new();
    BufReader::new(devices.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("6 devices on 4 lines"), "{said}");
    devices
}

/// A street with all its programs, whose time runs so many times faster.
async fn alive(speed: f64) -> (Street, [Program; 2], Program) {
    let mut street = Street::new(&OBJECTS, LINES).await;
    street.admin.set_clock(None, speed).await.unwrap();
    let devices = playing(&street);
    let programs = [street.gateway(), street.house()];
    street.seated().await;
    reached(&mut street).await;
    (street, programs, devices)
}

/// Waits until the node was born: before that nothing can be said to its devices.
async fn reached(street: &mut Street) {
    let born = "SELECT reading ? 'heating_c' AND reach = 'reachable' FROM vigie.equipment_state \
                WHERE equipment_id = '00000000-0000-0000-0000-000000000102'";
    street.until_sql("a building that was born", born).await;
}

const WHILE: Option<Duration> = Some(Duration::from_secs(1_800));

async fn one_of_each(street: &mut Street, lasts: Option<Duration>) -> Vec<CommandId> {
    vec![
        street.ask(LIGHT, "street_light.set_level", json!({"level": 40}), lasts).await,
        street.ask(JUNCTION, "signal_junction.set_plan", json!({"plan": 7}), lasts).await,
        street.ask(BUILDING, "building.set_heating", json!({"heating_c": 17}), lasts).await,
        street.ask(SIGN, "message_sign.show_approved", json!({"text": "TRAVAUX"}), lasts).await,
    ]
}

#[tokio::test]
async fn a_command_of_each_shape_reaches_its_device_once_and_is_confirmed_by_what_it_shows() {
    let (mut street, _programs, _devices) = alive(1.0).await;
    let lasting = one_of_each(&mut street, WHILE).await;
    for id in &lasting {
        street.until_command(*id, "confirmed").await;
    }
    let back = [
        street.ask(LIGHT, "street_light.to_programme", json!({}), None).await,
        street.ask(JUNCTION, "signal_junction.to_programme", json!({}), None).await,
        street.ask(BUILDING, "building.to_programme", json!({}), None).await,
        street.ask(SIGN, "message_sign.to_programme", json!({}), None).await,
        street.ask(OTHER_LIGHTS[0], "street_light.read", json!({}), None).await,
    ];
    for id in lasting.iter().chain(&back) {
        street.until_command(*id, "confirmed").await;
        assert_eq!(street.logged("received", *id), 1, "{:?}", street.log());
        assert_eq!(street.logged("answered", *id), 1);
    }
}

#[tokio::test]
async fn r3_effects_end_by_their_devices_and_a_plan_which_has_no_end_of_its_own_by_the_gateway() {
    let (mut street, _programs, _devices) = alive(4.0).await;
    for id in one_of_each(&mut street, Some(Duration::from_secs(40))).await {
        street.until_command(id, "confirmed").await;
    }
    let ended = "SELECT count(*) FILTER (WHERE effect = 'ended') = 4 FROM vigie.command";
    street.until_sql("four effects ended", ended).await;
    let programme = "SELECT bool_and(mode = 'programme' AND target IS NULL) FROM vigie.equipment_state";
    street.until_sql("all in their programmes", programme).await;
    assert_eq!(street.log().iter().filter(|line| line["what"] == "ended").count(), 1, "{:?}", street.log());
}

#[tokio::test]
async fn r18_an_answer_that_is_missing_late_or_doubled_is_shown_as_what_it_is() {
    let (mut street, _programs, mut devices) = alive(4.0).await;
    for demand in ["mute EC-0000", "late EC-0004", "double EC-0005"] {
        devices.say(demand);
    }
    // Demands are read before what comes by the lines, a moment later: the sign's answer proves that they were.
    let sign = street.ask(SIGN, "message_sign.read", json!({}), None).await;
    street.until_command(sign, "confirmed").await;
    let [mute, late, double] = [street.dim(LIGHT).await, street.dim(4).await, street.dim(5).await];
    street.until_command(double, "confirmed").await;
    assert_eq!(street.logged("answered", double), 2);
    street.until_command(late, "late_done").await;
    street.until_command(mute, "unknown no_answer").await;
    assert_eq!(street.logged("did", mute), 1, "it did what it was told, and nobody heard");
    assert_eq!(street.logged("answered", mute), 0);
}

fn nights() -> Value {
    json!({
        "name": "Quais", "valid_from": "2020-01-01", "valid_until": null, "plans": [], "rules": [], "default": "nuit",
        "programmes": [{"name": "nuit", "steps": [
            {"from": "dusk", "minutes": -10, "level": 90, "plan": null},
            {"from": "dawn", "minutes": 10, "level": 90, "plan": null},
        ]}],
    })
}

fn days() -> Value {
    json!({
        "name": "Wilson", "valid_from": "2020-01-01", "valid_until": null, "rules": [], "default": "jour",
        "plans": [{"name": "unique", "number": 6}],
        "programmes": [{"name": "jour", "steps": [{"from": "clock", "minutes": 300, "level": null, "plan": "unique"}]}],
    })
}

#[tokio::test]
async fn r19_a_programme_of_each_shape_reaches_its_device_which_reports_it_follows_it_and_goes_back() {
    let (mut street, _programs, mut devices) = alive(1.0).await;
    let (lit, nights) = street.apply(LIGHT, ProgrammeKind::Lighting, nights()).await;
    let (signalled, days) = street.apply(JUNCTION, ProgrammeKind::Signals, days()).await;
    for id in [lit, signalled] {
        street.until_command(id, "confirmed").await;
        assert_eq!(street.logged("did", id), 1);
    }
    let held = "SELECT count(*) FILTER (WHERE former = 'own' AND approved_by IS NOT NULL AND differs_since IS NULL) = 2 \
                FROM vigie.programme_assignment";
    street.until_sql("two programmes assigned", held).await;
    // Whatever the hour: the steps of the day before hold until theirs.
    let follows = "SELECT bool_and(reading @> '{\"level\": 90}' OR reading @> '{\"plan\": 6}') FROM vigie.equipment_state \
                   WHERE reading ? 'programme'";
    street.until_sql("what the programmes set", follows).await;
    // Somebody replaces the luminaire: it says that it follows its own.
    devices.say("replace EC-0000");
    let differs = "SELECT count(*) FILTER (WHERE differs_since IS NOT NULL) = 1 FROM vigie.programme_assignment";
    street.until_sql("a difference", differs).await;
    let again = street.ask(LIGHT, "street_light.former_programme", json!({"programme": nights}), None).await;
    street.until_command(again, "confirmed").await;
    street.until_sql("no difference", "SELECT bool_and(differs_since IS NULL) FROM vigie.programme_assignment").await;
    // R17: back to what each had before, by one person.
    for (object, action) in [(LIGHT, "street_light.former_programme"), (JUNCTION, "signal_junction.former_programme")] {
        let back = street.ask(object, action, json!({"programme": "own"}), None).await;
        street.until_command(back, "confirmed").await;
    }
    let reverted = "SELECT bool_and(reverted AND programme = 'own' AND former IS NULL) FROM vigie.programme_assignment";
    street.until_sql("both gone back", reverted).await;
    assert_ne!(nights, days);
}

/// Whoever stands between the gateway and the devices, and says again what he heard.
struct Echo {
    client: AsyncClient,
    heard: UnboundedReceiver<(String, Vec<u8>)>,
}

impl Echo {
    async fn new(broker: &Broker, topic: &'static str) -> Self {
        let mut options = MqttOptions::new("echo", "127.0.0.1", broker.port());
        options.set_keep_alive(Duration::from_secs(5));
        let (client, mut events) = AsyncClient::new(options, 10);
        client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
        let (tell, heard) = unbounded_channel();
        let (ready, mut subscribed) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                match event {
                    Event::Incoming(Incoming::SubAck(_)) => drop(ready.send(())),
                    Event::Incoming(Incoming::Publish(m)) => drop(tell.send((m.topic, m.payload.to_vec()))),
                    _ => {}
                }
            }
        });
        subscribed.recv().await.unwrap();
        Self { client, heard }
    }

    /// Says the last message again, as it was.
    async fn again(&mut self) {
        let (topic, payload) = tokio::time::timeout(DEADLINE, self.heard.recv()).await.unwrap().unwrap();
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
    }
}

#[tokio::test]
async fn r16_a_command_that_arrives_twice_everywhere_is_carried_out_once_and_answered_as_the_first_time() {
    let (mut street, _programs, _devices) = alive(1.0).await;
    let mut echo = Echo::new(&street.broker, "dijon/lights/+/command").await;
    let order = street.order(LIGHT, "street_light.set_level", json!({"level": 40}), WHILE).await;
    let id = order.command_id;
    let first = street.submit(&order).await;
    assert_eq!(street.submit(&order).await, first, "by the desk, before it left");
    street.until_command(id, "confirmed").await;
    assert_eq!((street.logged("received", id), street.logged("did", id)), (1, 1), "the gateway took it once");
    echo.again().await;
    let begun = Instant::now();
    while street.logged("answered", id) < 2 {
        assert!(begun.elapsed() < DEADLINE, "{:?}", street.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((street.logged("received", id), street.logged("did", id)), (2, 1), "by the broker, after it was done");
    let answers: Vec<_> = street.log().into_iter().filter(|line| line["what"] == "answered").collect();
    assert!(answers.iter().all(|line| line["done"] == true), "{answers:?}");
    assert_eq!(street.submit(&order).await, first, "by the desk, at the end");
    let next = street.dim(OTHER_LIGHTS[0]).await;
    street.until_command(next, "confirmed").await;
    assert_eq!(street.command(id).await, "confirmed");
}

#[tokio::test]
async fn a_device_without_power_and_a_node_that_died_are_out_of_reach_until_they_are_back() {
    let (mut street, _programs, mut devices) = alive(1.0).await;
    let lost = "SELECT count(*) FILTER (WHERE reach <> 'reachable') = 2 FROM vigie.equipment_state";
    let well = "SELECT bool_and(reach = 'reachable') FROM vigie.equipment_state";
    devices.say("off EC-0003");
    devices.say("death buildings");
    street.until_sql("two out of reach", lost).await;
    devices.say("on EC-0003");
    devices.say("birth buildings");
    street.until_sql("all within reach", well).await;
    for id in one_of_each(&mut street, WHILE).await {
        street.until_command(id, "confirmed").await;
    }
}

#[tokio::test]
async fn devices_and_gateway_find_each_other_again_after_the_broker_was_away() {
    let (mut street, mut programs, _devices) = alive(1.0).await;
    street.broker.kill().unwrap();
    street.broker.resume().unwrap();
    for id in one_of_each_again(&mut street).await {
        street.until_command(id, "confirmed").await;
    }
    programs[0] = street.gateway();
    street
        .until_sql(
            "another term",
            "SELECT max(term) >= 2 AND bool_and(until > clock_timestamp()) FROM vigie.field_seat",
        )
        .await;
    reached(&mut street).await;
    for id in one_of_each_again(&mut street).await {
        street.until_command(id, "confirmed").await;
    }
}

/// Reads pass at any time; one that found nobody is asked again, as a person would.
async fn one_of_each_again(street: &mut Street) -> Vec<CommandId> {
    let reads = [
        (LIGHT, "street_light.read"),
        (JUNCTION, "signal_junction.read"),
        (BUILDING, "building.read"),
        (SIGN, "message_sign.read"),
    ];
    let mut done = Vec::new();
    for (object, action) in reads {
        let begun = Instant::now();
        loop {
            let id = street.ask(object, action, json!({}), None).await;
            let answered = async {
                while !matches!(
                    street.command(id).await.as_str(),
                    "confirmed" | "failed not_sayable" | "failed line_lost"
                ) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            let _ = tokio::time::timeout(Duration::from_secs(6), answered).await;
            if street.command(id).await == "confirmed" {
                done.push(id);
                break;
            }
            assert!(begun.elapsed() < DEADLINE, "{action} never came back: {}", street.command(id).await);
        }
    }
    done
}

#[tokio::test]
async fn a_metropolis_that_is_no_rehearsal_is_refused() {
    let street = Street::of(MetropolisMode::Live, &[], LINES).await;
    let mut devices = street.devices();
    let mut said = String::new();
    devices.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!devices.0.wait().unwrap().success() && said.contains("rehearsal"), "{said}");
}
