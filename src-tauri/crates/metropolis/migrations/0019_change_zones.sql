-- Zones are drawn and changed on the map: each change counts, and says by whom and when, so that two who change one zone do not
-- overwrite each other silently.

ALTER TABLE vigie.zone
    -- Null while it is as it was first loaded.
    ADD COLUMN revision bigint CHECK (revision >= 1),
    -- Null where a file changed it. Not a reference: zones are copied before people.
    ADD COLUMN person_id uuid,
    ADD COLUMN changed_at timestamptz;

-- Whatever else writes a zone, a file of an earlier program too: whoever has it open on a screen is told.
CREATE FUNCTION vigie.count_zone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    NEW.revision := coalesce(OLD.revision, 0) + 1;
    NEW.person_id := NULL;
    NEW.changed_at := vigie.now();
    RETURN NEW;
END $$;
CREATE TRIGGER count_revision BEFORE UPDATE ON vigie.zone
    FOR EACH ROW WHEN (NEW.revision IS NOT DISTINCT FROM OLD.revision
        AND ROW(NEW.reference, NEW.name, NEW.kind, NEW.outline) IS DISTINCT FROM ROW(OLD.reference, OLD.name, OLD.kind, OLD.outline))
    EXECUTE FUNCTION vigie.count_zone();
