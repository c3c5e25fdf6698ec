-- The stamp of each synced row, as migration 3 made it but for the setting of a search path, which every row written paid:
-- it names what it calls instead.

CREATE OR REPLACE FUNCTION vigie.stamp_row() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.change_xid := pg_catalog.pg_current_xact_id();
    RETURN NEW;
END $$;
