//! `rights.toml` as grants and row-level security: one idempotent script.

use std::fmt::Write;

use vigie_core::rights::{Rights, Role, TableRights};
use vigie_core::table::{TableSpec, table as spec};

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
        sql.push_str(&readers(table, may));
    }
    // A tombstone is read by who may read the row it stands for, as it was.
    let _ = writeln!(
        sql,
        "GRANT SELECT ON vigie.tombstone TO {all};
CREATE POLICY readers ON vigie.tombstone FOR SELECT TO {all} USING (table_name = ANY ((SELECT vigie.readable())::text[])
    AND (table_name || '=' || scope) <> ALL ((SELECT vigie.hidden_scopes())::text[]));"
    );
    for (function, only) in CALLABLE {
        let who = only.map_or_else(|| all.clone(), |role| format!("vigie_{role}"));
        let _ = writeln!(sql, "GRANT EXECUTE ON FUNCTION vigie.{function} TO {who};");
    }
    sql
}

/// Who reads a table: the columns that are theirs, and the rows. Policies ask functions once for each statement, never for
/// each row.
fn readers(table: &str, may: &TableRights) -> String {
    let readers = groups(may.read.iter().copied());
    let codes = may.read.iter().map(|r| r.code()).collect::<Vec<_>>().join(",");
    let kept_from = |role: &Role| may.hidden.values().any(|roles| roles.contains(role));
    let (in_part, whole): (Vec<Role>, Vec<Role>) = may.read.iter().copied().partition(kept_from);
    let mut sql = String::new();
    // Writing to a String cannot fail.
    if !whole.is_empty() {
        let _ = writeln!(sql, "GRANT SELECT ON vigie.{table} TO {};", groups(whole));
    }
    for role in in_part {
        let hidden: Vec<_> =
            may.hidden.iter().filter(|(_, roles)| roles.contains(&role)).map(|(column, _)| column.as_str()).collect();
        let _ = writeln!(
            sql,
            "DO $$ BEGIN EXECUTE (SELECT format('GRANT SELECT (%s) ON vigie.{table} TO {}', string_agg(quote_ident(attname), ', '))
    FROM pg_attribute WHERE attrelid = 'vigie.{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL ('{{{}}}')); END $$;",
            group(role),
            hidden.join(",")
        );
    }
    let mut seen = format!("(SELECT vigie.my_role()) = ANY ('{{{codes}}}'::text[])");
    let _ = writeln!(sql, "DROP TRIGGER IF EXISTS leave_scope ON vigie.{table};");
    if let Some(rows) = &may.rows {
        let column = &rows.column;
        let _ = write!(seen, " AND ('{table}=' || {column}) <> ALL ((SELECT vigie.hidden_scopes())::text[])");
        let _ = writeln!(
            sql,
            "CREATE TRIGGER leave_scope AFTER UPDATE ON vigie.{table} REFERENCING OLD TABLE AS gone NEW TABLE AS stays
    FOR EACH STATEMENT EXECUTE FUNCTION vigie.bury_rows('{}');",
            spec(table).map_or("", TableSpec::key)
        );
    }
    let _ = writeln!(sql, "CREATE POLICY readers ON vigie.{table} FOR SELECT TO {readers} USING ({seen});");
    sql
}

#[cfg(test)]
mod tests {

    use super::*;
    use vigie_core::rights::rights;

    #[test]
    fn the_script_names_every_readable_table_and_grants_nothing_but_reading_and_execution() {
        let script = rights_script(rights());
        for table in rights().table.keys() {
            assert!(script.contains(&format!("CREATE POLICY readers ON vigie.{table} FOR SELECT TO")), "{table}");
        }
        let granted: Vec<_> = script.lines().filter_map(|l| l.strip_prefix("GRANT ")).collect();
        assert!(granted.iter().all(|g| ["SELECT ", "EXECUTE ", "USAGE "].iter().any(|kind| g.starts_with(kind))));
    }

    #[test]
    fn a_table_without_an_entry_is_not_in_the_script() {
        assert!(!rights_script(&Rights::default()).contains("vigie.command TO"));
    }
}
