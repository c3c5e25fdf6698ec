-- The metropolis itself: what it is for, its epoch and its clock. Its mode is fixed here for good, so that a rehearsal
-- can never be turned on real streets, nor a live metropolis be played with.

CREATE TABLE vigie.metropolis (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    name text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('live', 'rehearsal')),
    epoch uuid NOT NULL,
    epoch_began timestamptz NOT NULL,
    -- A rehearsal's clock: it said clock_at when the real clock said clock_real, and runs clock_rate times as fast.
    clock_at timestamptz NOT NULL,
    clock_real timestamptz NOT NULL,
    clock_rate double precision NOT NULL DEFAULT 1 CHECK (clock_rate >= 0 AND clock_rate <= 3600),
    CHECK (mode = 'rehearsal' OR clock_rate = 1)
);

CREATE FUNCTION vigie.keep_mode() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.mode IS DISTINCT FROM OLD.mode THEN
        RAISE EXCEPTION 'the mode of a metropolis is fixed when it is created' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_mode BEFORE UPDATE OR DELETE ON vigie.metropolis FOR EACH ROW EXECUTE FUNCTION vigie.keep_mode();
CREATE TRIGGER keep_row BEFORE TRUNCATE ON vigie.metropolis FOR EACH STATEMENT EXECUTE FUNCTION vigie.keep_mode();

-- Closed lists of the core, as rows: what a submission may spell.
CREATE TABLE vigie.code (
    list text NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (list, code)
);

-- Fingerprints of what migrate applies each time, such as the rights script.
CREATE TABLE vigie.applied_script (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL
);
