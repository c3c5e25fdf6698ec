-- The feed's ground: each synced row carries the transaction that wrote it last, each deletion leaves a tombstone, and
-- nothing can vanish without one. A serial number or a timestamp instead loses rows under concurrency (measured).

CREATE TABLE vigie.tombstone (
    table_name text NOT NULL,
    key uuid NOT NULL,
    change_xid xid8 NOT NULL,
    PRIMARY KEY (table_name, key)
);
CREATE INDEX tombstone_change ON vigie.tombstone (change_xid);

CREATE FUNCTION vigie.stamp_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    NEW.change_xid := pg_current_xact_id();
    RETURN NEW;
END $$;

-- TG_ARGV[0]: the key column.
CREATE FUNCTION vigie.bury_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO vigie.tombstone (table_name, key, change_xid) SELECT %L, %I, pg_current_xact_id() FROM gone
         ON CONFLICT (table_name, key) DO UPDATE SET change_xid = EXCLUDED.change_xid',
        TG_TABLE_NAME, TG_ARGV[0]);
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
