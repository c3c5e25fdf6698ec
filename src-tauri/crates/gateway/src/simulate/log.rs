//! What devices write down of the commands that reach them, one JSON object a line: the judge of every campaign.
//!
//! `received` is what the broker brought, whatever the device makes of it; `did` is what it made of it; `answered` left for the
//! broker; `ended` is a plan that was told its end.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use vigie_core::ids::CommandId;
use vigie_core::time::Timestamp;

use crate::simulate::side::Order;

/// See the module. Without a file nothing is written.
pub(super) struct Log(Option<File>);

impl Log {
    /// Goes on at the end of a file.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let open = |path| File::options().create(true).append(true).open(path);
        path.map(open).transpose().map(Self)
    }

    /// An order reached a device.
    pub(super) fn received(&mut self, order: &Order, at: Timestamp) -> io::Result<()> {
        let said = json!({"action": order.action, "params": order.params, "expires_at": order.expires_at.map(|t| t.0)});
        self.write("received", order.command_id, &order.reference, at, said)
    }

    /// The device did it, or why not.
    pub(super) fn did(&mut self, order: &Order, done: Result<(), &str>, at: Timestamp) -> io::Result<()> {
        self.write("did", order.command_id, &order.reference, at, json!({"done": done.is_ok(), "reason": done.err()}))
    }

    /// Its answer was handed to the broker's connection.
    pub(super) fn answered(&mut self, order: &Order, done: Result<(), &str>, at: Timestamp) -> io::Result<()> {
        self.write("answered", order.command_id, &order.reference, at, json!({"done": done.is_ok()}))
    }

    /// The effect of an order was ended from outside.
    pub(super) fn ended(&mut self, command_id: CommandId, reference: &str, at: Timestamp) -> io::Result<()> {
        self.write("ended", command_id, reference, at, json!({}))
    }

    fn write(
        &mut self,
        what: &str,
        command_id: CommandId,
        reference: &str,
        at: Timestamp,
        more: Value,
    ) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut said = Map::new();
        said.insert("what".into(), what.into());
        said.insert("at".into(), at.0.into());
        said.insert("command_id".into(), command_id.to_string().into());
        said.insert("reference".into(), reference.into());
        if let Value::Object(more) = more {
            said.extend(more);
        }
        // One write a line: a program that is killed leaves whole lines.
        file.write_all(format!("{}\n", Value::Object(said)).as_bytes())
    }
}
