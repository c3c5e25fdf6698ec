//! `docs/rights.md`: the matrix as people read it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Allowed, Rights, Role};

/// The page, in Markdown. Written by `cargo xtask bindings`; a test says when it is stale.
pub fn document(rights: &Rights) -> String {
    let mut page = String::from(
        "# Who may do what\n\n\
         Written from `core/src/rights/rights.toml` by `cargo xtask bindings`: change that file, never this page. What is not \
         marked is closed, in the database itself: group roles, row-level security, column grants. `cargo xtask prove rights` \
         tries every cell by real logins that go round the application.\n",
    );
    let tables = rights.table.iter().map(|(name, t)| (name.as_str(), t.read.as_slice()));
    section(&mut page, "Reads", "table", tables);
    for (name, table) in &rights.table {
        for (column, roles) in &table.hidden {
            // Writing to a String cannot fail.
            let _ = write!(page, "\n- `{name}.{column}` is given empty to {}.", listed(roles));
        }
        if let Some(rows) = &table.rows {
            for (value, roles) in &rows.hidden {
                let _ = write!(
                    page,
                    "\n- Rows of `{name}` with `{}` = `{value}` are not seen by {}.",
                    rows.column,
                    listed(roles)
                );
            }
        }
    }
    page.push_str("\n\nNothing is written to a table by a login, whatever its role: what follows passes through `vigie.submit`.\n");
    section(&mut page, "Submits", "kind of submission", lines(&rights.submission));
    section(&mut page, "Fetches, with a reason, journalled first", "query", lines(&rights.fetch));
    let piloted = rights.pilot.iter().map(|(kind, allowed)| (kind.code(), allowed.may.as_slice()));
    section(&mut page, "Commands", "kind of equipment", piloted);
    let accounts =
        [("create, lock, change role or password", &rights.accounts.manage), ("list", &rights.accounts.list)];
    section(&mut page, "Accounts", "act", accounts.into_iter().map(|(act, may)| (act, may.as_slice())));
    let _ = write!(
        page,
        "\nWhoever manages accounts gives only these roles, and touches only accounts that have one of them: {}. The others \
         are given by the metropolis's owner.\n",
        listed(&rights.accounts.give)
    );
    page
}

fn lines(of: &BTreeMap<String, Allowed>) -> impl Iterator<Item = (&str, &[Role])> {
    of.iter().map(|(name, allowed)| (name.as_str(), allowed.may.as_slice()))
}

fn listed(roles: &[Role]) -> String {
    roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ")
}

fn section<'a>(page: &mut String, title: &str, what: &str, rows: impl Iterator<Item = (&'a str, &'a [Role])>) {
    let head = Role::ALL.iter().map(|role| role.code().replace('_', " ")).collect::<Vec<_>>().join(" | ");
    // Writing to a String cannot fail.
    let _ = write!(page, "\n## {title}\n\n| {what} | {head} |\n|---|{}", ":-:|".repeat(Role::ALL.len()));
    for (name, may) in rows {
        let marks = Role::ALL.iter().map(|role| if may.contains(role) { "●" } else { "" });
        let _ = write!(page, "\n| {name} | {} |", marks.collect::<Vec<_>>().join(" | "));
    }
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::rights;

    #[test]
    fn the_page_in_docs_is_what_the_rights_say() {
        let page = include_str!("../../../../../docs/rights.md");
        assert!(page == document(rights()), "docs/rights.md is stale: run `cargo xtask bindings` and commit it");
    }

    #[test]
    fn every_table_and_every_kind_has_its_line() {
        let page = document(rights());
        for name in rights().table.keys().chain(rights().submission.keys()).chain(rights().fetch.keys()) {
            assert!(page.contains(&format!("\n| {name} |")), "{name}");
        }
    }
}
