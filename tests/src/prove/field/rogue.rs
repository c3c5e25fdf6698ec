//! Gateways with a planted fault: what the judge is for.
//!
//! They take commands as a gateway does and speak plain JSON to the same devices.

use std::time::Duration;

use anyhow::Context;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Outgoing, QoS};
use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{ClassCode, actions_of};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::Ids;
use vigie_metropolis::{PgMetropolis, Taken};

use crate::prove::client::FreshIds;

/// What a planted gateway does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Started again, it publishes what it finds taken: nobody knows whether that left.
    PublishesAgain,
    /// It publishes what it took, whatever its life says.
    IgnoresLife,
}

/// Between taking and publishing, of who ignores lives.
const DAWDLES: Duration = Duration::from_secs(4);
const LEASE: Duration = Duration::from_secs(60);

/// Takes commands on message signs until so many were published, wrongly.
pub async fn work(
    metropolis: &PgMetropolis,
    broker: u16,
    prefix: &str,
    planted: Planted,
    most: usize,
) -> anyhow::Result<()> {
    let (client, mut events) = AsyncClient::new(MqttOptions::new("rogue", "127.0.0.1", broker), 64);
    let program: Uuid = FreshIds.next();
    let term = metropolis.take_field_seat(program, LEASE).await?.context("another gateway sits here")?;
    let actions: Vec<_> = actions_of(EquipmentKind::MessageSign).map(|action| action.code).collect();
    let mut published: Vec<Taken> = Vec::new();
    for _ in 0..600 {
        let taken = metropolis.take_commands(term, &actions, ClassCode::ALL, 20).await?.commands;
        if planted == Planted::IgnoresLife && !taken.is_empty() {
            tokio::time::sleep(DAWDLES).await;
        }
        for order in &taken {
            publish(&client, &mut events, prefix, order).await?;
        }
        published.extend(taken);
        if published.len() >= most {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if planted == Planted::PublishesAgain {
        for order in &published {
            publish(&client, &mut events, prefix, order).await?;
        }
    }
    metropolis.leave_field_seat(term).await?;
    Ok(())
}

async fn publish(client: &AsyncClient, events: &mut EventLoop, prefix: &str, order: &Taken) -> anyhow::Result<()> {
    let told = json!({
        "command_id": order.command_id, "action": order.action, "params": order.params,
        "issued_at": order.issued_at.to_string(), "expires_at": order.expires_at.to_string(),
        "effect_until": order.effect_until.map(|t| t.to_string()),
    });
    let topic = format!("{prefix}/{}/command", order.reference);
    client.publish(topic, QoS::AtMostOnce, false, told.to_string()).await?;
    while !matches!(events.poll().await?, Event::Outgoing(Outgoing::Publish(_))) {}
    Ok(())
}
