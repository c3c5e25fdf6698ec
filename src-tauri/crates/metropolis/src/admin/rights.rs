//! `rights.toml` as grants and row-level security: one idempotent script.

use std::fmt::Write;

use vigie_core::rights::{Rights, Role};

use crate::schema::CALLABLE;

/// Name of a role's group in the server.
pub(super) fn group(role: Role) -> String {
    format!("vigie_{role}")
}

fn groups(roles: impl IntoIterator<Item = Role>) -> String {
    roles.into_iter().map(group).collect::<Vec<_>>().join(", ")
}

/// Makes the groups that do not exist. Another database of the same server may be making them at this moment.
pub(super) fn roles_script() -> String {
    let mut sql = String::new();
    for role in Role::ALL {
        let group = group(*role);
        // Writing to a String cannot fail.
        let _ = writeln!(
            sql,
            "DO $$ BEGIN IF to_regrole('{group}') IS NULL THEN CREATE ROLE {group} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
        );
    }
    sql
}

/// Everything that may be read or executed, from nothing.
pub(super) fn rights_script(rights: &Rights) -> String {
    let all = groups(Role::ALL.iter().copied());
    let mut sql = format!(
        "REVOKE ALL ON SCHEMA vigie FROM PUBLIC, {all};
GRANT USAGE ON SCHEMA vigie TO {all};
REVOKE ALL ON ALL TABLES IN SCHEMA vigie FROM PUBLIC, {all};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA vigie FROM PUBLIC, {all};
REVOKE ALL ON ALL ROUTINES IN SCHEMA vigie FROM PUBLIC, {all};
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT schemaname, tablename, policyname FROM pg_policies WHERE schemaname = 'vigie' LOOP
        EXECUTE format('DROP POLICY %I ON vigie.%I', t.policyname, t.tablename);
    END LOOP;
    FOR t IN SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'vigie'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity LOOP
        EXECUTE format('ALTER TABLE vigie.%I ENABLE ROW LEVEL SECURITY', t.relname);
    END LOOP;
END $$;
"
    );
    // Writing to a String cannot fail.
    for (table, may) in &rights.table {
        let readers = groups(may.read.iter().copied());
        let codes = may.read.iter().map(|r| r.code()).collect::<Vec<_>>().join(",");
        let _ = writeln!(
            sql,
            "GRANT SELECT ON vigie.{table} TO {readers};
CREATE POLICY readers ON vigie.{table} FOR SELECT TO {readers} USING ((SELECT vigie.my_role()) = ANY ('{{{codes}}}'::text[]));"
        );
    }
    // A tombstone is read by who may read the row it stands for.
    let _ = writeln!(
        sql,
        "GRANT SELECT ON vigie.tombstone TO {all};
CREATE POLICY readers ON vigie.tombstone FOR SELECT TO {all} USING (table_name = ANY ((SELECT vigie.readable())::text[]));"
    );
    for (function, only) in CALLABLE {
        let who = only.map_or_else(|| all.clone(), |role| format!("vigie_{role}"));
        let _ = writeln!(sql, "GRANT EXECUTE ON FUNCTION vigie.{function} TO {who};");
    }
    sql
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use vigie_core::rights::rights;

    #[test]
    fn the_script_names_every_readable_table_and_grants_nothing_but_reading_and_execution() {
        let script = rights_script(rights());
        for table in rights().table.keys() {
            assert!(script.contains(&format!("GRANT SELECT ON vigie.{table} TO")), "{table}");
        }
        let granted: Vec<_> = script.lines().filter_map(|l| l.strip_prefix("GRANT ")).collect();
        assert!(granted.iter().all(|g| ["SELECT ", "EXECUTE ", "USAGE "].iter().any(|kind| g.starts_with(kind))));
    }

    #[test]
    fn a_table_without_an_entry_is_not_in_the_script() {
        let none = Rights { table: BTreeMap::new(), submission: BTreeMap::new(), pilot: BTreeMap::new() };
        assert!(!rights_script(&none).contains("vigie.command TO"));
    }
}
