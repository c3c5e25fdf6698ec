//! `prove rights`: the whole matrix of `rights.toml`, tried by a real login of each role that goes round the application.

use anyhow::Context;
use vigie_core::rights::Role;
use vigie_metropolis::callable;
use vigie_testkit::postgres::Server;
use vigie_testkit::rights_matrix::{self, Report};

use super::city::{City, PASSWORD};

/// Tries every cell, as one login for each role.
pub async fn campaign() -> anyhow::Result<Report> {
    let server = Server::shared().context("no PostgreSQL server")?;
    let city = City::found(&server, 0).await?;
    let mut logins = Vec::new();
    for role in Role::ALL {
        logins.push((*role, city.login_of(*role).await?));
    }
    let report = rights_matrix::check(&city.database, &logins, PASSWORD, &callable()).await?;
    city.raze().await?;
    Ok(report)
}
