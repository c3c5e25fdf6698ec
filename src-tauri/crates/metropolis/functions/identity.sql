-- Who the metropolis is and whom it takes the caller for.

-- The built-in functions fail on a standby or for an ordinary login.
CREATE OR REPLACE FUNCTION vigie.timeline() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN pg_is_in_recovery() THEN
            coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (pg_control_checkpoint()).timeline_id)::bigint
        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint
    END;
END $$;

CREATE OR REPLACE FUNCTION vigie.system() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN (SELECT (pg_control_system()).system_identifier::text);
END $$;

-- The schema's number, and the oldest program that it still serves.
CREATE OR REPLACE FUNCTION vigie.schema_version(OUT number bigint, OUT oldest_app bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
    SELECT m.number, m.oldest_app FROM vigie.migration m ORDER BY m.number DESC LIMIT 1
$$;

-- Tables the caller may read: what its role has in rights.toml.
CREATE OR REPLACE FUNCTION vigie.readable() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(r.table_name ORDER BY r.table_name), '{}')
        FROM vigie.read_right r WHERE r.role = (SELECT vigie.my_role()));
END $$;

-- Columns the caller is given empty, as `table.column`.
CREATE OR REPLACE FUNCTION vigie.hidden_columns() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(h.table_name || '.' || h.column_name ORDER BY 1), '{}')
        FROM vigie.hidden_column h WHERE h.role = (SELECT vigie.my_role()));
END $$;

-- Rows the caller does not see, as `table=value of its scope`: asked by policies, once for each statement.
CREATE OR REPLACE FUNCTION vigie.hidden_scopes() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(h.table_name || '=' || h.value ORDER BY 1), '{}')
        FROM vigie.hidden_row h WHERE h.role = (SELECT vigie.my_role()));
END $$;

-- Changes when what the caller may read changes: his replica is then made anew.
CREATE OR REPLACE FUNCTION vigie.rights_fingerprint() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN left(encode(sha256(convert_to(concat_ws(
        ':', vigie.my_role(), vigie.readable()::text, vigie.hidden_columns()::text, vigie.hidden_scopes()::text), 'UTF8')), 'hex'), 16);
END $$;

CREATE OR REPLACE FUNCTION vigie.identity() RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.my_account();
BEGIN
    IF me.login IS NULL THEN
        RAISE EXCEPTION 'no account, or a locked one: %', session_user
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    RETURN (
        SELECT jsonb_build_object(
            'system', vigie.system(),
            'timeline', vigie.timeline(),
            'epoch', m.epoch,
            'name', m.name,
            'mode', m.mode,
            'schema_version', (vigie.schema_version()).number,
            'rights', vigie.rights_fingerprint(),
            'server_time', vigie.ms(vigie.now()),
            'clock_rate', m.clock_rate,
            'login', me.login,
            'person_id', me.person_id,
            'role', me.role,
            'desk_id', me.desk_id)
        FROM vigie.metropolis m);
END $$;

-- Up to where the log is written here, or replayed: a standby that has not come so far cannot continue a cut.
CREATE OR REPLACE FUNCTION vigie.reached() RETURNS pg_lsn
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END;
END $$;

-- What a cut must still agree with for a delta from it to mean anything, and the time. A locked account is told so:
-- its replica must not be emptied by rows that it merely may no longer see.
CREATE OR REPLACE FUNCTION vigie.lineage(
    OUT epoch uuid, OUT timeline bigint, OUT lineage text, OUT at bigint, OUT horizon xid8, OUT reached pg_lsn)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    IF vigie.my_role() IS NULL THEN
        RAISE EXCEPTION 'no account, or a locked one: %', session_user
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    SELECT m.epoch, vigie.timeline(), concat_ws('/', vigie.system(), vigie.rights_fingerprint()), vigie.ms(vigie.now()),
        -- Not a join: of two tables never analysed the planner expects a million rows, and compiles the query (JIT) each time.
        (SELECT r.horizon FROM vigie.retention r), vigie.reached()
    INTO lineage.epoch, lineage.timeline, lineage.lineage, lineage.at, lineage.horizon, lineage.reached
    FROM vigie.metropolis m;
END $$;
