//! The field as it is worked: the real program on a real PostgreSQL and a real broker, with a device on the other side.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the lints' exceptions for tests do not see their helpers; a deadline of the test itself runs on the machine's clock"
)]

mod street;

use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, QoS};
use serde_json::{Value, json};
use street::{DEADLINE, Street};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;
use vigie_core::command::{LIVE_EVERY, LiveSign, Motion};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::CommandId;
use vigie_core::port::Metropolis as _;
use vigie_core::time::Timestamp;
use vigie_testkit::broker::Broker;

const LIGHTS: u128 = 12;
const LINES: &str = r#"
[[line]]
name = "lights"
profile = "talq"
prefix = "dijon/lights"
broker = "BROKER"
"#;

async fn lit() -> Street {
    Street::new(&(0..LIGHTS).map(|n| (n, EquipmentKind::StreetLight)).collect::<Vec<_>>(), LINES).await
}

/// The lighting system on the other side of the broker.
struct Lighting {
    client: AsyncClient,
    heard: UnboundedReceiver<(String, Value, bool)>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Lighting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Lighting {
    async fn new(broker: &Broker) -> Self {
        let mut options = MqttOptions::new(format!("lights-{}", Uuid::now_v7()), "127.0.0.1", broker.port());
        options.set_keep_alive(Duration::from_secs(5));
        let (client, mut events) = AsyncClient::new(options, 100);
        let (tell, heard) = unbounded_channel();
        let (ready, mut subscribed) = unbounded_channel();
        let again = client.clone();
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                        again.subscribe("dijon/lights/+/command", QoS::AtLeastOnce).await.unwrap();
                    }
                    Ok(Event::Incoming(Incoming::SubAck(_))) => {
                        let _ = ready.send(());
                    }
                    Ok(Event::Incoming(Incoming::Publish(m))) => {
                        let _ = tell.send((m.topic, serde_json::from_slice(&m.payload).unwrap(), m.retain));
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        subscribed.recv().await.unwrap();
        Self { client, heard, task }
    }

    /// The next command that arrives: its reference and what it says.
    async fn order(&mut self) -> (String, Value) {
        let (topic, order, kept) = tokio::time::timeout(DEADLINE, self.heard.recv()).await.unwrap().unwrap();
        assert!(!kept, "a command is never kept");
        (topic.split('/').nth(2).unwrap().to_owned(), order)
    }

    async fn say(&self, reference: &str, leaf: &str, what: Value) {
        let topic = format!("dijon/lights/{reference}/{leaf}");
        self.client.publish(topic, QoS::AtLeastOnce, false, what.to_string()).await.unwrap();
    }

    async fn answer(&self, reference: &str, order: &Value) {
        self.say(reference, "answer", json!({"command_id": order["command_id"], "done": true})).await;
    }

    async fn show(&self, reference: &str, order: &Value, at: Timestamp) {
        let target = json!({"level": 40, "expiration": order["override"]["expiration"]});
        let shown = json!({"observed_at": at.to_string(), "target": target, "actual": {"level": 40, "power": 32.0}});
        self.say(reference, "state", shown).await;
    }
}

#[tokio::test]
async fn a_command_goes_to_its_device_and_is_done_once_the_device_shows_it() {
    let mut street = lit().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let id = street.dim(0).await;
    let (to, order) = lighting.order().await;
    assert_eq!((to.as_str(), &order["command_id"], &order["override"]["level"]), ("EC-0000", &json!(id), &json!(40)));
    assert!(order["expires_at"].is_string() && order["override"]["expiration"].is_string(), "{order}");
    street.until_command(id, "dispatched").await;
    // R18: the state comes first and is no answer; with the answer it confirms.
    let now = street.admin.info().await.unwrap().server_time;
    lighting.show("EC-0000", &order, now).await;
    street.until_sql("shown", "SELECT EXISTS (SELECT FROM vigie.equipment_state WHERE mode = 'override')").await;
    assert_eq!(street.command(id).await, "dispatched");
    lighting.answer("EC-0000", &order).await;
    street.until_command(id, "confirmed").await;
}

#[tokio::test]
async fn a_device_that_refuses_says_why_and_a_forged_or_doubled_answer_changes_nothing() {
    let mut street = lit().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let (first, second) = (street.dim(0).await, street.dim(1).await);
    let orders = [lighting.order().await, lighting.order().await];
    let of = |id: CommandId| orders.iter().find(|(_, order)| order["command_id"] == json!(id)).unwrap();
    // Another device answers for it; so does a command that nobody gave.
    lighting.answer("EC-0007", &of(first).1).await;
    lighting.say("EC-0000", "answer", json!({"command_id": Uuid::now_v7(), "done": true})).await;
    lighting.say("EC-0000", "answer", json!("nonsense")).await;
    let busy = json!({"command_id": first, "done": false, "reason": "lamp_broken"});
    lighting.say("EC-0000", "answer", busy).await;
    street.until_command(first, "failed lamp_broken").await;
    lighting.answer("EC-0000", &of(first).1).await;
    lighting.answer("EC-0001", &of(second).1).await;
    street.until_command(second, "executed").await;
    assert_eq!(street.command(first).await, "failed lamp_broken", "a second word changes nothing");
}

#[tokio::test]
async fn r1_nothing_is_taken_while_the_broker_is_away_and_what_lives_goes_once_when_it_is_back() {
    let mut street = lit().await;
    let _gateway = street.gateway();
    street.seated().await;
    street.broker.kill().unwrap();
    let (lives, ends) = (street.dim(0).await, street.dim(1).await);
    sqlx::query(
        "UPDATE vigie.command SET expires_at = vigie.now() + interval '2 seconds' WHERE command_id = $1::text::uuid",
    )
    .bind(ends.0.to_string())
    .execute(&mut street.watch)
    .await
    .unwrap();
    street.until_sql("over", "SELECT bool_or(expires_at < vigie.now()) FROM vigie.command").await;
    assert_eq!(street.command(lives).await, "accepted", "not taken");
    street.broker.resume().unwrap();
    let mut lighting = Lighting::new(&street.broker).await;
    // A gateway that was back before its devices spoke into the void: that order is unknown after its time, never sent again.
    street.until_command(ends, "expired not_dispatched").await;
    let begun = Instant::now();
    while street.command(lives).await == "accepted" {
        assert!(begun.elapsed() < DEADLINE, "never taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let third = street.dim(2).await;
    loop {
        let (_, order) = lighting.order().await;
        assert_ne!(order["command_id"], json!(ends), "over");
        if order["command_id"] == json!(third) {
            break;
        }
    }
}

#[tokio::test]
async fn r14_a_gateway_that_is_killed_publishes_nothing_twice_and_the_next_one_hears_the_answers() {
    let mut street = lit().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let first = street.gateway();
    let id = street.dim(0).await;
    let (_, order) = lighting.order().await;
    street.until_command(id, "dispatched").await;
    drop(first);
    let _second = street.gateway();
    street
        .until_sql(
            "another term",
            "SELECT max(term) >= 2 AND bool_and(until > clock_timestamp()) FROM vigie.field_seat",
        )
        .await;
    // Its line opens, and a later order proves that the earlier one did not come again.
    let next = street.dim(1).await;
    let (to, _) = lighting.order().await;
    assert_eq!(to, "EC-0001");
    lighting.answer("EC-0000", &order).await;
    street.until_command(id, "executed").await;
    street.until_command(next, "dispatched").await;
}

#[tokio::test]
async fn of_two_programs_of_a_gateway_one_works_and_each_command_goes_once() {
    let mut street = lit().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let programs = [street.gateway(), street.gateway()];
    let mut orders = Vec::new();
    for n in 0..LIGHTS {
        orders.push(street.dim(n).await);
    }
    let mut arrived = Vec::new();
    for _ in 0..LIGHTS {
        arrived.push(lighting.order().await.1["command_id"].clone());
    }
    arrived.sort_by_key(Value::to_string);
    arrived.dedup();
    assert_eq!(arrived.len(), orders.len(), "each once");
    drop(programs);
    assert!(lighting.heard.try_recv().is_err(), "and no more");
}

#[tokio::test]
async fn a_system_that_says_it_is_gone_takes_its_devices_out_of_reach_until_they_speak() {
    let mut street = lit().await;
    let lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let gone = "SELECT count(*) FILTER (WHERE reach = 'gateway_lost') = 12 FROM vigie.equipment_state";
    // As its last will, which the broker keeps: heard even by a gateway that comes later.
    lighting.client.publish("dijon/lights/online", QoS::AtLeastOnce, true, "false").await.unwrap();
    street.until_sql("out of reach", gone).await;
    let now = street.admin.info().await.unwrap().server_time;
    lighting.say("EC-0003", "state", json!({"observed_at": now.to_string(), "actual": {"level": 70}})).await;
    let one = "SELECT count(*) FILTER (WHERE reach = 'gateway_lost') = 11 FROM vigie.equipment_state";
    street.until_sql("heard again", one).await;
}

#[tokio::test]
async fn r18_answers_in_any_order_belong_to_their_commands_and_an_older_state_confirms_nothing() {
    let mut street = lit().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let _gateway = street.gateway();
    let asked = [street.dim(0).await, street.dim(1).await];
    let orders = [lighting.order().await, lighting.order().await];
    let of = |id: CommandId| orders.iter().find(|(_, order)| order["command_id"] == json!(id)).unwrap().1.clone();
    street.until_command(asked[1], "dispatched").await;
    // What it showed a minute ago happens to be what is asked now.
    let now = street.admin.info().await.unwrap().server_time;
    lighting.show("EC-0001", &of(asked[1]), now.minus(Duration::from_secs(60))).await;
    lighting.answer("EC-0001", &of(asked[1])).await;
    lighting.answer("EC-0000", &of(asked[0])).await;
    for id in asked {
        street.until_command(id, "executed").await;
    }
    let now = street.admin.info().await.unwrap().server_time;
    for n in [0, 1] {
        lighting.show(&format!("EC-000{n}"), &of(asked[n]), now).await;
        street.until_command(asked[n], "confirmed").await;
    }
}

#[tokio::test]
async fn r12_a_machine_whose_clock_is_minutes_wrong_carries_nothing_out_in_a_live_metropolis() {
    let mut street = lit().await;
    let mut lighting = Lighting::new(&street.broker).await;
    let waits = street.dim(0).await;
    // A rehearsal's clock stands where its owner put it: only a live metropolis's is compared.
    let live = "ALTER TABLE vigie.metropolis DISABLE TRIGGER USER; UPDATE vigie.metropolis SET mode = 'live'";
    sqlx::raw_sql(live).execute(&mut street.watch).await.unwrap();
    // Where clocks cannot be made wrong (no C compiler) there is nothing to see.
    let Some(wrong) = street.gateway_with_clock(300) else { return };
    // It works all the same: what it hears it tells, and each time it looked for commands.
    for (there, reach) in [("false", true), ("true", false), ("false", true)] {
        lighting.client.publish("dijon/lights/online", QoS::AtLeastOnce, true, there).await.unwrap();
        let said = if reach {
            "SELECT bool_and(reach = 'gateway_lost') FROM vigie.equipment_state"
        } else {
            "SELECT bool_and(reach = 'reachable') FROM vigie.equipment_state"
        };
        street.until_sql("told", said).await;
    }
    assert_eq!(street.command(waits).await, "accepted");
    drop(wrong);
    let _right = street.gateway();
    let (to, _) = lighting.order().await;
    assert_eq!(to, "EC-0000");
}

#[tokio::test]
async fn each_line_and_the_house_are_sources_that_say_why_they_are_not_in_contact() {
    let mut street = lit().await;
    let lighting = Lighting::new(&street.broker).await;
    let _programs = [street.gateway(), street.house()];
    // Kept by the broker: heard whenever the gateway begins to listen.
    lighting.client.publish("dijon/lights/online", QoS::AtLeastOnce, true, "true").await.unwrap();
    let well = "SELECT count(*) FILTER (WHERE error IS NULL AND contact_at IS NOT NULL) = 2 FROM vigie.source \
                WHERE code IN ('lights', 'house')";
    street.until_sql("two sources in contact", well).await;
    lighting.client.publish("dijon/lights/online", QoS::AtLeastOnce, true, "false").await.unwrap();
    let lost = "SELECT error = 'gateway_lost' AND contact_at IS NOT NULL AND error_since IS NOT NULL \
                FROM vigie.source WHERE code = 'lights'";
    street.until_sql("a system that said it is gone", lost).await;
    street.broker.kill().unwrap();
    street.until_sql("no broker", "SELECT error = 'line_lost' FROM vigie.source WHERE code = 'lights'").await;
}

/// A camera on a line of its own, its devices on the other side of the broker.
#[tokio::test]
async fn l_a_held_key_moves_a_camera_through_the_broker_and_a_desk_that_falls_silent_is_written_down_as_lapsed() {
    const CAMERAS: &str = r#"
[[line]]
name = "cameras"
profile = "plain"
prefix = "dijon/cameras"
kinds = ["camera"]
broker = "BROKER"
"#;
    let mut street = Street::new(&[(1, EquipmentKind::Camera)], CAMERAS).await;
    let _devices = street.devices();
    let _gateway = street.gateway();
    street.seated().await;
    let right = Motion { pan: 1, ..Motion::default() };
    let begin = street.press(1, right).await;
    let moved = "SELECT coalesce((reading ->> 'pan')::numeric > 0, false) FROM vigie.equipment_state";
    let begun = Instant::now();
    let mut seq = 0;
    while !street.holds(moved).await {
        seq += 1;
        let over = street.desk.keep_live(&LiveSign { live_id: begin, seq, motion: right }).await.unwrap();
        assert_eq!(over, None);
        assert!(begun.elapsed() < DEADLINE, "never moved");
        tokio::time::sleep(LIVE_EVERY).await;
    }
    // Nobody says anything more.
    street
        .until_sql("lapsed", "SELECT EXISTS (SELECT FROM vigie.journal WHERE kind = 'live_end' AND code = 'lapsed')")
        .await;
    street.until_sql("released", "SELECT NOT EXISTS (SELECT FROM vigie.desk_hold)").await;
    let lines = "SELECT count(*) = 2 FROM vigie.journal WHERE kind IN ('live_begin', 'live_end')";
    assert!(street.holds(lines).await, "a line at the start, a line at the end, none between");
}
