-- The feed's ground: each synced row carries the transaction that wrote it last, each deletion leaves a tombstone, and
-- nothing can vanish without one. A serial number or a timestamp instead loses rows under concurrency (measured).

CREATE TABLE vigie.tombstone (
    table_name text NOT NULL,
    key uuid NOT NULL,
    -- What the row was when it went, where that decides who saw it; empty elsewhere.
    scope text NOT NULL DEFAULT '',
    change_xid xid8 NOT NULL,
    PRIMARY KEY (table_name, key, scope)
);
CREATE INDEX tombstone_change ON vigie.tombstone (change_xid);

CREATE FUNCTION vigie.stamp_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    NEW.change_xid := pg_current_xact_id();
    RETURN NEW;
END $$;

-- The column of a table that decides who sees a row: a rule of rights.toml.
CREATE TABLE vigie.row_scope (
    table_name text PRIMARY KEY,
    column_name text NOT NULL
);

-- TG_ARGV[0]: the key column. After a deletion every row that went; after an update those whose scope moved, since who
-- saw the row as it was may not see it any more. Who still sees it is told nothing: a key that lives is no deletion.
CREATE FUNCTION vigie.bury_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    scope text := (SELECT s.column_name FROM vigie.row_scope s WHERE s.table_name = TG_TABLE_NAME);
    moved text := '';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF scope IS NULL THEN
            RETURN NULL;
        END IF;
        moved := format('JOIN stays USING (%1$I) WHERE gone.%2$I IS DISTINCT FROM stays.%2$I', TG_ARGV[0], scope);
    END IF;
    EXECUTE format(
        'INSERT INTO vigie.tombstone (table_name, key, scope, change_xid)
         SELECT %L, gone.%I, %s, pg_current_xact_id() FROM gone %s
         ON CONFLICT (table_name, key, scope) DO UPDATE SET change_xid = EXCLUDED.change_xid',
        TG_TABLE_NAME, TG_ARGV[0], CASE WHEN scope IS NULL THEN quote_literal('') ELSE format('gone.%I', scope) END, moved);
    RETURN NULL;
END $$;

CREATE FUNCTION vigie.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of vigie.% is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;

-- Makes a table a synced one. Its first column is its key.
CREATE FUNCTION vigie.sync_table(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    key text := (SELECT attname FROM pg_attribute WHERE attrelid = format('vigie.%I', name)::regclass AND attnum = 1);
BEGIN
    EXECUTE format('ALTER TABLE vigie.%I ADD COLUMN change_xid xid8 NOT NULL DEFAULT pg_current_xact_id()', name);
    EXECUTE format('CREATE INDEX %I ON vigie.%I (change_xid)', name || '_change', name);
    EXECUTE format('CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON vigie.%I
                    FOR EACH ROW EXECUTE FUNCTION vigie.stamp_row()', name);
    EXECUTE format('CREATE TRIGGER bury_rows AFTER DELETE ON vigie.%I REFERENCING OLD TABLE AS gone
                    FOR EACH STATEMENT EXECUTE FUNCTION vigie.bury_rows(%L)', name, key);
    -- A key that moves would leave its old row on every workstation.
    EXECUTE format('CREATE TRIGGER keep_key BEFORE UPDATE OF %1$I ON vigie.%2$I
                    FOR EACH ROW WHEN (OLD.%1$I IS DISTINCT FROM NEW.%1$I)
                    EXECUTE FUNCTION vigie.refuse_change(''the key of a synced row does not change'')', key, name);
    EXECUTE format('CREATE TRIGGER keep_rows BEFORE TRUNCATE ON vigie.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION vigie.refuse_change(''workstations would keep the rows; use DELETE'')', name);
END $$;

SELECT vigie.sync_table(name) FROM unnest(ARRAY[
    'commune', 'ground', 'zone', 'person', 'desk', 'shift', 'equipment', 'equipment_state', 'state_history', 'command',
    'command_event'
]) AS name;

CREATE TRIGGER keep_rows BEFORE TRUNCATE ON vigie.tombstone
    FOR EACH STATEMENT EXECUTE FUNCTION vigie.refuse_change('workstations would keep the rows');
