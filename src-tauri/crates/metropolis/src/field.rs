//! The field's seat: which program of a gateway's account takes commands, and what it takes.
//!
//! Guarantee: a command is `dispatching` in the metropolis before [`PgMetropolis::take_commands`] returns it, and is returned
//! once; what an earlier term took and never told of is *unknown* by then (R14).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vigie_core::command::{ClassCode, LiveNow, Params};
use vigie_core::equipment::{EquipmentKind, Reach};
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::port::MetropolisError;
use vigie_core::programme::{Content, ProgrammeKind};
use vigie_core::submission::{Outcome, Submission};
use vigie_core::time::Timestamp;

use crate::metropolis::{PgMetropolis, ask, one_each, wire};

/// A command that may be published once, and what its device has to know.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Taken {
    /// Which.
    pub command_id: CommandId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// The object's reference: what its topics are named after.
    pub reference: String,
    /// Of which kind.
    pub kind: EquipmentKind,
    /// Code of the action.
    pub action: String,
    /// Class that it has here.
    pub class: ClassCode,
    /// Its parameters.
    pub params: Params,
    /// When it was operated.
    pub issued_at: Timestamp,
    /// From then on nobody may carry it out (R2).
    pub expires_at: Timestamp,
    /// When its effect ends (R3); none for what has no lasting effect.
    pub effect_until: Option<Timestamp>,
    /// The programme that it names, whole; none for a command that names none, or the device's own.
    #[serde(default)]
    pub programme: Option<TakenProgramme>,
}

/// A programme to be delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakenProgramme {
    /// What it is for.
    pub kind: ProgrammeKind,
    /// What it says.
    pub content: Content,
}

/// What [`PgMetropolis::take_commands`] took, and when by the metropolis's clock.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Take {
    /// The metropolis's time.
    pub at: Timestamp,
    /// Oldest first.
    pub commands: Vec<Taken>,
}

/// Codes and identifiers as an array of PostgreSQL: none of them holds a comma, a quote or a brace.
fn literal<T: ToString>(codes: impl IntoIterator<Item = T>) -> String {
    format!("{{{}}}", codes.into_iter().map(|code| code.to_string()).collect::<Vec<_>>().join(","))
}

/// An object as a gateway knows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FieldObject {
    /// Which.
    pub equipment_id: EquipmentId,
    /// What its messages are named after.
    pub reference: String,
    /// Of which kind.
    pub kind: EquipmentKind,
    /// When its last known state was observed.
    pub observed_at: Option<Timestamp>,
}

impl PgMetropolis {
    /// Takes the seat of this gateway's account for `program`, or keeps it: the term; none while another program holds it.
    pub async fn take_field_seat(&self, program: Uuid, lease: Duration) -> Result<Option<i64>, MetropolisError> {
        let sql = "SELECT coalesce(vigie.take_field_seat($1::text::uuid, $2::text::interval)::text, 'null')";
        self.field(sql, &[&program.to_string(), &format!("{} milliseconds", lease.as_millis())]).await
    }

    /// Gives the seat back.
    pub async fn leave_field_seat(&self, term: i64) -> Result<(), MetropolisError> {
        let sql = "SELECT 'null' FROM vigie.leave_field_seat($1::text::bigint)";
        self.field::<()>(sql, &[&term.to_string()]).await
    }

    /// Takes at most so many accepted commands of these actions and classes. Refused when the term is past.
    pub async fn take_commands(
        &self,
        term: i64,
        actions: &[&str],
        classes: &[ClassCode],
        most: u32,
    ) -> Result<Take, MetropolisError> {
        let sql =
            "SELECT vigie.take_commands($1::text::bigint, $2::text::text[], $3::text::text[], $4::text::integer)::text";
        let classes = literal(classes.iter().map(|class| class.code()));
        self.field(sql, &[&term.to_string(), &literal(actions.iter().copied()), &classes, &most.to_string()]).await
    }

    /// What is held by a key now on objects of these kinds (class L). Refused when the term is past.
    pub async fn take_live(&self, term: i64, kinds: &[EquipmentKind]) -> Result<Vec<LiveNow>, MetropolisError> {
        let sql = "SELECT vigie.take_live($1::text::bigint, $2::text::text[])::text";
        self.field(sql, &[&term.to_string(), &literal(kinds.iter().map(|kind| kind.code()))]).await
    }

    /// Effects of these actions whose end has come and that the gateway has to end itself (R3). Each is returned once.
    pub async fn take_ends(&self, term: i64, actions: &[&str]) -> Result<Vec<Taken>, MetropolisError> {
        let sql = "SELECT vigie.take_ends($1::text::bigint, $2::text::text[])::text";
        self.field(sql, &[&term.to_string(), &literal(actions.iter().copied())]).await
    }

    /// What this account published and whose device has not answered: within a day, *unknown* included.
    pub async fn awaited(&self, actions: &[&str]) -> Result<Vec<Taken>, MetropolisError> {
        self.field("SELECT vigie.awaited($1::text::text[])::text", &[&literal(actions.iter().copied())]).await
    }

    /// The objects of these kinds.
    pub async fn field_objects(&self, kinds: &[EquipmentKind]) -> Result<Vec<FieldObject>, MetropolisError> {
        let kinds = literal(kinds.iter().map(|kind| kind.code()));
        self.field("SELECT vigie.field_objects($1::text::text[])::text", &[&kinds]).await
    }

    /// Says what the field has to say, from its seat. Refused as a whole when the term is past.
    pub async fn field_submit(&self, term: i64, batch: &[Submission]) -> Result<Vec<Outcome>, MetropolisError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT vigie.field_submit($1::text::bigint, $2::text::jsonb)::text";
        one_each(self.field(sql, &[&term.to_string(), &wire(batch)?]).await?, batch.len())
    }

    /// Which part of the chain answers for these objects, from now on; how many changed. Refused when the term is past.
    pub async fn mark_reach(&self, term: i64, objects: &[EquipmentId], reach: Reach) -> Result<u64, MetropolisError> {
        if objects.is_empty() {
            return Ok(0);
        }
        let sql = "SELECT vigie.mark_reach($1::text::bigint, $2::text::uuid[], $3::text)::text";
        let objects = literal(objects.iter().map(|id| id.0));
        self.field(sql, &[&term.to_string(), &objects, reach.code()]).await
    }

    async fn field<T: serde::de::DeserializeOwned>(
        &self,
        sql: &'static str,
        args: &[&str],
    ) -> Result<T, MetropolisError> {
        let mut line = self.desk.take().await?;
        let answer = ask(&mut line, sql, args).await?;
        line.keep();
        Ok(answer)
    }
}
