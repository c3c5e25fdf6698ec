//! A metropolis with its house, its gateways, its broker and its devices, and desks that give orders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::Row as _;
use vigie_core::equipment::EquipmentKind as K;
use vigie_core::ids::EquipmentId;
use vigie_testkit::broker::Broker;
use vigie_testkit::postgres::Server;
use vigie_testkit::preload;
use vigie_testkit::proxy::Proxy;
use vigie_training::chance::Dice;

use super::judge::judge;
use super::log::{What, read};
use super::programs::{Program, Programs};
use super::rogue::{self, Planted};
use super::trouble::{Between, WRONG_S};
use super::{Fielded, Plan};
use crate::prove::city::City;
use crate::prove::client::Start;
use crate::prove::hamlet::town;
use crate::prove::history::{Fault, History, check};
use crate::prove::kill;
use crate::prove::workstation::Workstation;

/// What stands in the city: as many of each shape as desks meet on, and no more.
const OBJECTS: [(K, usize); 4] = [(K::StreetLight, 60), (K::SignalJunction, 6), (K::Building, 20), (K::MessageSign, 6)];
const SIGNS: &str = "dijon/signs";

/// See the module.
pub struct Trial {
    city: City,
    broker: Broker,
    to_broker: Proxy,
    to_metropolis: Proxy,
    programs: Programs,
    folder: PathBuf,
    references: BTreeMap<EquipmentId, String>,
    devices: Program,
    house: Program,
}

impl Trial {
    /// Everything but gateways and desks, playing.
    pub async fn found(plan: &Plan, gateway: &Path, folder: &Path) -> anyhow::Result<Self> {
        let server = Server::shared().context("no PostgreSQL server")?;
        let town = town(&OBJECTS);
        ensure!(OBJECTS.iter().all(|(kind, _)| town.equipment.iter().any(|e| e.kind == *kind)), "a kind is missing");
        let references = town.equipment.iter().map(|e| (e.equipment_id, e.reference.clone())).collect();
        let city = City::found_with(&server, plan.desks, &town).await?;
        city.set_speed(plan.speed).await?;
        let broker = Broker::start()?;
        let to_broker = Proxy::to(broker.port()).await?;
        let to_metropolis = Proxy::to(server.port()).await?;
        let clock = preload::clock(folder)?;
        let programs = Programs::new(gateway, folder, clock)?;
        std::fs::write(folder.join("field.toml"), lines(to_broker.port()))?;
        std::fs::write(folder.join("devices.toml"), lines(broker.port()))?;
        let house = programs.house(&city.url_at(city.house()))?;
        let (devices_toml, log) = (folder.join("devices.toml"), folder.join("devices.jsonl"));
        let devices = programs.devices(&city.url_at(city.gateway()), &devices_toml, &log, plan.seed, plan.faults)?;
        let folder = folder.to_owned();
        Ok(Self { city, broker, to_broker, to_metropolis, programs, folder, references, devices, house })
    }

    /// Desks give orders, all between them and the devices fails, then all is well again and everything is read.
    pub async fn run(self, plan: &Plan) -> anyhow::Result<Fielded> {
        let mut workstations = self.desks(plan)?;
        for workstation in &mut workstations {
            tokio::task::block_in_place(|| workstation.wait_ready())?;
        }
        let goes_on = AtomicBool::new(true);
        let lines = self.folder.join("field.toml");
        let between = Between {
            broker: &self.broker,
            to_broker: &self.to_broker,
            to_metropolis: &self.to_metropolis,
            programs: &self.programs,
            gateway_url: self.city.url(self.city.gateway(), self.to_metropolis.port()),
            lines: &lines,
        };
        let dice = Dice::new(plan.seed, "field");
        // The shorter the campaign, the shorter what fails in it.
        let longest = Duration::from_secs_f64((plan.commands as f64 / 100.0).clamp(1.2, 12.0));
        let runtime = tokio::runtime::Handle::current();
        let (gateway, trouble) = tokio::task::block_in_place(|| {
            std::thread::scope(|scope| -> anyhow::Result<_> {
                let troubling = scope.spawn(|| {
                    let _inside = runtime.enter();
                    between.trouble(dice, longest, || goes_on.load(Ordering::Relaxed))
                });
                let over = || troubling.is_finished();
                let counted = runtime.block_on(self.until(plan.commands, &mut workstations, over));
                goes_on.store(false, Ordering::Relaxed);
                let made = troubling.join().map_err(|_| anyhow::anyhow!("the trouble panicked"))?;
                counted.and(made)
            })
        })?;
        kill::come_to_rest(&self.city, &mut workstations).await?;
        // A house and a gateway that go on writing would make every copy differ from the metropolis of a moment later.
        drop(gateway);
        self.house.end()?;
        self.devices.end()?;
        let history = kill::read(&self.city, &mut workstations).await?;
        let skewed = self.programs.clock.is_some();
        drop(workstations);
        let (log, faults) = self.judge(&history)?;
        let mut fielded = Fielded {
            commands: history.commands.len() as u64,
            promised: history.desks.iter().map(|desk| desk.promised.len() as u64).sum(),
            received: log,
            trouble,
            skewed,
            ..Fielded::default()
        };
        for command in &history.commands {
            *fielded.ended.entry(command.state.code()).or_default() += 1;
        }
        let all = check(&history).into_iter().chain(faults);
        fielded.faults = all.map(|fault| (plan.seed, fault)).collect();
        self.raze().await?;
        Ok(fielded)
    }

    /// The same devices behind a gateway that does wrong: what the judge says of it.
    pub async fn run_rogue(self, plan: &Plan, planted: Planted) -> anyhow::Result<Vec<Fault>> {
        let mut workstations = self.desks(plan)?;
        let mut watch = self.city.database.connect().await?;
        let signs = "SELECT count(*) FROM vigie.command WHERE action LIKE 'message_sign.%' AND state = 'accepted'";
        let asked = async {
            while sqlx::query(signs).fetch_one(&mut watch).await?.get::<i64, _>(0) == 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(Duration::from_secs(60), asked).await.context("no desk gave an order")??;
        let gateway = self.city.session(self.city.gateway()).await?;
        if planted == Planted::IgnoresLife {
            let short =
                "UPDATE vigie.command SET expires_at = vigie.now() + interval '3 seconds' WHERE state = 'accepted'";
            sqlx::query(short).execute(&mut watch).await?;
        }
        rogue::work(&gateway, self.broker.port(), SIGNS, planted, 1).await?;
        // What it published arrives, and is answered.
        let log = self.folder.join("devices.jsonl");
        let wanted = if planted == Planted::PublishesAgain { 2 } else { 1 };
        for _ in 0..200 {
            let came = read(&log)?.iter().filter(|line| matches!(line.what, What::Received { .. })).count();
            if came >= wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for workstation in &mut workstations {
            tokio::task::block_in_place(|| workstation.kill())?;
        }
        let ledger = self.city.ledger().await?;
        let history = History { commands: ledger.commands, events: ledger.events, ..History::default() };
        let (_, faults) = self.judge(&history)?;
        drop((workstations, watch, gateway));
        self.raze().await?;
        Ok(faults)
    }

    fn desks(&self, plan: &Plan) -> anyhow::Result<Vec<Workstation>> {
        let mut workstations = Vec::new();
        for (at, login) in self.city.desks.iter().enumerate() {
            let start = Start {
                url: self.city.url_at(login),
                login: login.clone(),
                folder: self.folder.join(login),
                seed: plan.seed,
                life: 0,
                rate: plan.rate,
                look_ms: 250,
            };
            // One right, one ahead, one behind.
            let clock = [0, WRONG_S, -WRONG_S].get(at % 3).copied().unwrap_or(0);
            let mut workstation = Workstation::new(&plan.program, start).under(self.programs.wrong(clock));
            workstation.switch_on()?;
            workstations.push(workstation);
        }
        Ok(workstations)
    }

    /// Until the metropolis had so many commands, or the trouble is over (it failed).
    async fn until(
        &self,
        commands: u64,
        workstations: &mut [Workstation],
        over: impl Fn() -> bool,
    ) -> anyhow::Result<()> {
        let mut watch = self.city.database.connect().await?;
        let mut told = 0;
        while !over() {
            tokio::time::sleep(Duration::from_millis(300)).await;
            for workstation in &mut *workstations {
                workstation.listen()?;
            }
            let had = sqlx::query("SELECT count(*) FROM vigie.command").fetch_one(&mut watch).await?;
            let had = had.get::<i64, _>(0).unsigned_abs();
            if had / 1_000 > told {
                told = had / 1_000;
                eprintln!("  {had} of {commands} commands");
            }
            if had >= commands {
                break;
            }
        }
        Ok(())
    }

    /// How many commands reached a device, and what is wrong.
    fn judge(&self, history: &History) -> anyhow::Result<(u64, Vec<Fault>)> {
        let log = read(&self.folder.join("devices.jsonl"))?;
        let received = log.iter().filter(|line| matches!(line.what, What::Received { .. })).count() as u64;
        Ok((received, judge(&log, &history.commands, &history.events, &self.references)))
    }

    async fn raze(self) -> anyhow::Result<()> {
        drop((self.devices, self.house, self.to_metropolis, self.to_broker));
        self.city.raze().await
    }
}

/// The four shapes, through a port of this machine.
fn lines(port: u16) -> String {
    let line = |name: &str, profile: &str, prefix: &str, more: &str| {
        format!(
            "[[line]]\nname = \"{name}\"\nprofile = \"{profile}\"\nprefix = \"{prefix}\"\n\
             broker = \"mqtt://127.0.0.1:{port}\"\n{more}\n"
        )
    };
    [
        line("lights", "talq", "dijon/lights", ""),
        line("signals", "rsmp", "dijon/signals", ""),
        line("buildings", "sparkplug", "dijon", "kinds = [\"building\"]"),
        line("signs", "plain", SIGNS, "kinds = [\"message_sign\"]"),
    ]
    .concat()
}
