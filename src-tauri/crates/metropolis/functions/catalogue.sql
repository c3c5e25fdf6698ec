-- What the catalogue must never show; the tests and the health check read it. Empty is well.

CREATE OR REPLACE FUNCTION vigie.catalogue_faults() RETURNS TABLE (fault text, object text)
LANGUAGE sql STABLE SET search_path = pg_catalog, vigie, pg_temp AS $$
    WITH roles AS (
        SELECT r.rolname, r.oid, substr(r.rolname, 7) AS role
        FROM pg_roles r WHERE r.rolname LIKE 'vigie\_%' AND NOT r.rolcanlogin
    ), relations AS (
        SELECT c.* FROM pg_class c WHERE c.relnamespace = 'vigie'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ), functions AS (
        SELECT p.*, p.oid::regprocedure::text AS signature FROM pg_proc p WHERE p.pronamespace = 'vigie'::regnamespace
    )
    SELECT 'readable without an entry in rights.toml', c.relname || ' by ' || r.rolname
    FROM relations c, roles r
    WHERE (has_table_privilege(r.oid, c.oid, 'SELECT') OR has_any_column_privilege(r.oid, c.oid, 'SELECT'))
      AND c.relname NOT IN ('tombstone')
      AND NOT EXISTS (SELECT FROM vigie.read_right t WHERE t.table_name = c.relname AND t.role = r.role)
    UNION ALL
    SELECT 'column given to whom it is hidden from', h.table_name || '.' || h.column_name || ' by vigie_' || h.role
    FROM vigie.hidden_column h
    WHERE has_column_privilege('vigie_' || h.role, format('vigie.%I', h.table_name), h.column_name, 'SELECT')
    UNION ALL
    SELECT 'writable by a client', c.relname || ' by ' || r.rolname
    FROM relations c, roles r
    WHERE has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')
       OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE, REFERENCES')
    UNION ALL
    SELECT 'synced table without an entry in rights.toml', c.relname::text
    FROM relations c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'change_xid'
    -- A partition is read through its table only.
    WHERE c.relname <> 'tombstone' AND NOT c.relispartition AND NOT EXISTS (SELECT FROM vigie.read_right t WHERE t.table_name = c.relname)
    UNION ALL
    SELECT 'table without row-level security', c.relname::text
    FROM relations c WHERE c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
    UNION ALL
    SELECT 'view that reads with its owner''s rights', c.relname::text
    FROM relations c
    WHERE c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'])
    UNION ALL
    SELECT 'function that PUBLIC may execute', f.signature
    FROM functions f
    WHERE EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0)
    UNION ALL
    SELECT 'SECURITY DEFINER without the fixed search_path', f.signature
    FROM functions f
    WHERE f.prosecdef AND NOT coalesce(f.proconfig, '{}') @> ARRAY['search_path=pg_catalog, vigie, pg_temp']
    UNION ALL
    SELECT 'role with more than its rights', r.rolname::text
    FROM pg_roles r
    WHERE (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls)
      AND (r.rolname IN (SELECT rolname FROM roles) OR r.rolname IN (SELECT a.login FROM vigie.account a))
    UNION ALL
    -- What PostgreSQL offers its own groups (files, programs, every table) is none of an account's.
    SELECT 'member of a group that is not Vigie''s', r.rolname || ' in ' || g.rolname
    FROM pg_auth_members m
    JOIN pg_roles g ON g.oid = m.roleid
    JOIN pg_roles r ON r.oid = m.member
    WHERE (r.rolname IN (SELECT rolname FROM roles) OR r.rolname IN (SELECT a.login FROM vigie.account a))
      AND g.rolname NOT IN (SELECT rolname FROM roles)
$$;
