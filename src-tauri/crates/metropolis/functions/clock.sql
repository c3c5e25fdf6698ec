-- The metropolis's time: the real clock when live, settable and scalable by its owner when a rehearsal. Whole
-- milliseconds, the unit of everything that is stored or transmitted.

CREATE OR REPLACE FUNCTION vigie.now() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN (
        SELECT date_trunc('milliseconds', CASE m.mode
            WHEN 'live' THEN clock_timestamp()
            ELSE m.clock_at + (clock_timestamp() - m.clock_real) * m.clock_rate
        END)
        FROM vigie.metropolis m);
END $$;

CREATE OR REPLACE FUNCTION vigie.set_clock(at timestamptz, rate double precision) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE vigie.metropolis
    SET clock_at = coalesce(set_clock.at, vigie.now()), clock_real = clock_timestamp(), clock_rate = rate
    WHERE mode = 'rehearsal';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the clock of a live metropolis cannot be set' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;

-- To and from the milliseconds of the wire. STABLE, as what they call is declared: so they are expanded where they stand.
CREATE OR REPLACE FUNCTION vigie.ms(at timestamptz) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT round(date_part('epoch', at) * 1000)::bigint
$$;

CREATE OR REPLACE FUNCTION vigie.at(ms bigint) RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT timestamptz 'epoch' + at.ms * interval '1 millisecond'
$$;
