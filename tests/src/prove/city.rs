//! A metropolis on a real PostgreSQL for a campaign: a few objects, an account at each desk, field and house played.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use vigie_core::ids::{DeskId, Ids, PersonId};
use vigie_core::port::{Metropolis, MetropolisMode};
use vigie_core::rights::Role;
use vigie_core::table::{Desk, Person, Row, TableRow};
use vigie_core::time::Timestamp;
use vigie_metropolis::{Admin, ConnectTarget, Password, PgMetropolis};
use vigie_testkit::postgres::{Database, Server};
use vigie_training::City as Town;
use vigie_training::player::Player;

use super::client::FreshIds;
use super::hamlet::settlement;
use super::ledger::Ledger;

/// Password of every account of a campaign.
pub const PASSWORD: &str = "rehearsal";
/// For connecting and for one call of field, house and checker.
const DEADLINE: Duration = Duration::from_secs(20);
/// Between two moves of field and house.
const MOVES: Duration = Duration::from_millis(150);

/// Lights of the city: few enough that desks meet on them, many enough that most commands are seen confirmed.
const LIGHTS: usize = 90;
/// Its junctions, and its signs.
const OTHERS: usize = 6;

/// A metropolis with its desks.
pub struct City {
    /// Its database.
    pub database: Database,
    /// The logins of its desks.
    pub desks: Vec<String>,
    gateway: String,
    house: String,
    /// Reads the whole ledger, reasons included: they hold the tags.
    supervisor: PgMetropolis,
    hosts: String,
}

/// Field and house, until stopped.
pub struct Field {
    stop: CancellationToken,
    playing: tokio::task::JoinHandle<()>,
}

impl Field {
    /// Lets the field end its move and stops it.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.playing.await;
    }
}

/// Logins belong to the whole server: each city has its own.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl City {
    /// A rehearsal with so many desks on a database of its own.
    pub async fn found(server: &Arc<Server>, desks: usize) -> anyhow::Result<Self> {
        Self::found_at(server, desks, format!("127.0.0.1:{}", server.port())).await
    }

    /// The same, spoken with at several servers of which one is the primary.
    pub async fn found_at(server: &Arc<Server>, desks: usize, hosts: String) -> anyhow::Result<Self> {
        Self::found_as(server, desks, hosts, &settlement(LIGHTS, OTHERS)).await
    }

    /// The same, with what stands in another town.
    pub async fn found_with(server: &Arc<Server>, desks: usize, town: &Town) -> anyhow::Result<Self> {
        Self::found_as(server, desks, format!("127.0.0.1:{}", server.port()), town).await
    }

    async fn found_as(server: &Arc<Server>, desks: usize, hosts: String, town: &Town) -> anyhow::Result<Self> {
        let database = server.database().await?;
        let mut admin = Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await?;
        admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole (campagne)").await?;
        let now = admin.info().await?.server_time;
        fill(&mut admin, town, now).await?;
        let mut logins = Vec::new();
        for at in 0..desks {
            let (person_id, desk_id) = (PersonId(id()), DeskId(id()));
            load(&mut admin, &[Person { person_id, display_name: format!("Opérateur {at}") }]).await?;
            load(&mut admin, &[Desk { desk_id, name: format!("Poste {at}") }]).await?;
            let login = unique("desk");
            let password = Password::new(PASSWORD);
            admin.create_login(&login, &password, Role::RemoteOperator, Some(person_id), Some(desk_id)).await?;
            logins.push(login);
        }
        let mut program = async |role: Role| {
            let login = unique(role.code());
            admin.create_login(&login, &Password::new(PASSWORD), role, None, None).await.map(|()| login)
        };
        let (gateway, house) = (program(Role::Gateway).await?, program(Role::House).await?);
        let chief = PersonId(id());
        load(&mut admin, &[Person { person_id: chief, display_name: "Chef de salle".to_owned() }]).await?;
        let supervisor = unique("supervisor");
        admin.create_login(&supervisor, &Password::new(PASSWORD), Role::Supervisor, Some(chief), None).await?;
        let supervisor = connect(&address(&hosts, &database, &supervisor)).await?;
        Ok(Self { database, desks: logins, gateway, house, supervisor, hosts })
    }

    /// The address for a login, through a port of this machine.
    pub fn url(&self, login: &str, port: u16) -> String {
        format!("postgres://{login}@127.0.0.1:{port}/{}", self.database.name())
    }

    /// The login of its gateways.
    pub fn gateway(&self) -> &str {
        &self.gateway
    }

    /// The login of its house.
    pub fn house(&self) -> &str {
        &self.house
    }

    /// Lets its time run so many times faster.
    pub async fn set_speed(&self, speed: f64) -> anyhow::Result<()> {
        let owner = Password::new(self.database.owner_password());
        let mut admin = Admin::connect(&self.database.owner_url(), Some(owner)).await?;
        Ok(admin.set_clock(None, speed).await?)
    }

    /// What an account of a desk sees.
    pub async fn session(&self, login: &str) -> anyhow::Result<PgMetropolis> {
        connect(&self.url_at(login)).await
    }

    /// The address for a login, with every server.
    pub fn url_at(&self, login: &str) -> String {
        address(&self.hosts, &self.database, login)
    }

    /// Commands and events.
    pub async fn ledger(&self) -> anyhow::Result<Ledger> {
        // After a failover the first call learns that its connection is gone; the next one has another.
        match Ledger::read(&self.supervisor).await {
            Ok(ledger) => Ok(ledger),
            Err(_) => Ok(Ledger::read(&self.supervisor).await?),
        }
    }

    /// The metropolis's time.
    pub async fn now(&self) -> anyhow::Result<Timestamp> {
        let identity = match self.supervisor.identity().await {
            Ok(identity) => identity,
            Err(_) => self.supervisor.identity().await?,
        };
        Ok(identity.server_time)
    }

    /// A login of a role, with a person where people have it.
    pub async fn login_of(&self, role: Role) -> anyhow::Result<String> {
        let owner = (self.database.owner_url(), Password::new(self.database.owner_password()));
        let mut admin = Admin::connect(&owner.0, Some(owner.1)).await?;
        let (person_id, desk_id) = (PersonId(id()), DeskId(id()));
        let person = (!matches!(role, Role::Gateway | Role::House)).then_some(person_id);
        if person.is_some() {
            load(&mut admin, &[Person { person_id, display_name: role.code().to_owned() }]).await?;
            load(&mut admin, &[Desk { desk_id, name: format!("Poste {}", role.code()) }]).await?;
        }
        let login = unique(role.code());
        admin.create_login(&login, &Password::new(PASSWORD), role, person, person.map(|_| desk_id)).await?;
        Ok(login)
    }

    /// Plays field and house from now on.
    pub async fn play(&self, seed: u64) -> anyhow::Result<Field> {
        let gateway = self.session(&self.gateway).await?;
        let house = self.session(&self.house).await?;
        let stop = CancellationToken::new();
        let until = stop.clone();
        let playing = tokio::spawn(async move {
            let mut player: Option<Player> = None;
            while !until.is_cancelled() {
                if player.is_none() {
                    player = Player::begin(&gateway, seed).await.ok();
                }
                let now = gateway.identity().await.map(|i| i.server_time);
                let moved = match (player.as_mut(), now) {
                    (Some(player), Ok(now)) => player.step(&gateway, &house, &FreshIds, now).await.is_ok(),
                    _ => false,
                };
                if !moved {
                    player = None;
                }
                let _ = tokio::time::timeout(MOVES, until.cancelled()).await;
            }
        });
        Ok(Field { stop, playing })
    }

    /// Removes the database.
    pub async fn raze(self) -> anyhow::Result<()> {
        drop(self.supervisor);
        Ok(self.database.remove().await?)
    }
}

fn address(hosts: &str, database: &Database, login: &str) -> String {
    format!("postgres://{login}@{hosts}/{}", database.name())
}

async fn connect(url: &str) -> anyhow::Result<PgMetropolis> {
    let target = ConnectTarget {
        url: url.to_owned(),
        password: Some(Password::new(PASSWORD)),
        application_name: "vigie-prove".into(),
    };
    PgMetropolis::connect(target, DEADLINE).await.with_context(|| format!("{url} cannot be reached"))
}

/// The rows of the hamlet, observed now.
async fn fill(admin: &mut Admin, town: &Town, now: Timestamp) -> anyhow::Result<()> {
    load(admin, &town.communes).await?;
    load(admin, &town.services).await?;
    let mut equipment = town.equipment.clone();
    for object in &mut equipment {
        // The luck of devices is the simulation's business; here their silence would only make every end wait for the house.
        if let Some(attributes) = object.attributes.as_object_mut() {
            attributes.insert("training_reliable".to_owned(), true.into());
        }
    }
    load(admin, &equipment).await?;
    let mut states = town.states.clone();
    for state in &mut states {
        state.observed_at = Some(now);
        state.received_at = now;
    }
    load(admin, &states).await
}

async fn load<R: TableRow + Clone>(admin: &mut Admin, rows: &[R]) -> anyhow::Result<()> {
    let rows: Vec<Row> = rows.iter().map(TableRow::to_row).collect();
    admin.load_rows(&R::SPEC, &rows).await?;
    Ok(())
}

fn id() -> Uuid {
    FreshIds.next()
}
