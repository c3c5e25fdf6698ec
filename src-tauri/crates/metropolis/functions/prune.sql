-- What is forgotten: tombstones past their horizon, months of raw states, years of hourly ones. For the house.

-- Drops tombstones older than the horizon and moves the horizon; how many were dropped. A tombstone is as old as the tide
-- mark before which its transaction had ended, so that the first call only leaves a mark.
CREATE OR REPLACE FUNCTION vigie.prune_tombstones() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    now timestamptz := vigie.now();
    oldest timestamptz;
    past xid8;
    dropped bigint;
BEGIN
    INSERT INTO vigie.tide (at, xid)
    SELECT now, pg_snapshot_xmin(pg_current_snapshot())
    WHERE NOT EXISTS (SELECT FROM vigie.tide t WHERE t.at > now - interval '10 minutes' AND t.at <= now)
    ON CONFLICT DO NOTHING;

    SELECT t.at, t.xid INTO oldest, past FROM vigie.tide t, vigie.retention r
    WHERE t.at <= now - r.tombstones ORDER BY t.at DESC LIMIT 1;
    IF past IS NULL THEN
        RETURN 0;
    END IF;
    -- First the horizon: whoever reads it in a snapshot reads the tombstones of the same one.
    UPDATE vigie.retention SET horizon = greatest(horizon, past);
    DELETE FROM vigie.tombstone t WHERE t.change_xid < past;
    GET DIAGNOSTICS dropped = ROW_COUNT;
    DELETE FROM vigie.tide t WHERE t.at < oldest;
    RETURN dropped;
END $$;

-- Makes the months from the last one to three ahead; how many were made. What lay outside every month moves into its own,
-- stamped as it was and without a tombstone: on no workstation does anything change.
CREATE OR REPLACE FUNCTION vigie.keep_partitions() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    month timestamp := date_trunc('month', vigie.now() AT TIME ZONE 'UTC') - interval '1 month';
    last timestamp := month + interval '4 months';
    part text;
    bounds text;
    made bigint := 0;
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    WHILE month <= last LOOP
        part := 'state_history_' || to_char(month, 'YYYY_MM');
        IF to_regclass('vigie.' || part) IS NULL THEN
            bounds := format('observed_at >= %L AND observed_at < %L',
                month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            EXECUTE format('CREATE TABLE vigie.%I (LIKE vigie.state_history INCLUDING DEFAULTS)', part);
            EXECUTE format('ALTER TABLE vigie.%I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('WITH moved AS (DELETE FROM vigie.state_history_other WHERE %s RETURNING *)
                            INSERT INTO vigie.%I SELECT * FROM moved', bounds, part);
            EXECUTE format('ALTER TABLE vigie.state_history ATTACH PARTITION vigie.%I FOR VALUES FROM (%L) TO (%L)',
                part, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$;

-- Sums raw states of a table up by the hour.
CREATE OR REPLACE FUNCTION vigie.sum_up(part regclass, before timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO vigie.state_hourly AS s (equipment_id, hour, quantity, observations, least, mean, greatest)
         SELECT h.equipment_id, date_trunc(''hour'', h.observed_at), q.key, count(*), min(v.n), avg(v.n), max(v.n)
         FROM %s h, jsonb_each(h.reading) AS q, LATERAL (SELECT (q.value #>> ''{}'')::double precision AS n) AS v
         WHERE h.observed_at < %L AND jsonb_typeof(h.reading) = ''object'' AND jsonb_typeof(q.value) = ''number''
         GROUP BY 1, 2, 3
         ON CONFLICT (equipment_id, quantity, hour) DO UPDATE SET
             observations = s.observations + EXCLUDED.observations,
             mean = (s.mean * s.observations + EXCLUDED.mean * EXCLUDED.observations) / (s.observations + EXCLUDED.observations),
             least = least(s.least, EXCLUDED.least), greatest = greatest(s.greatest, EXCLUDED.greatest)',
        part, before);
END $$;

-- Drops months of raw states past their time, once their hours are summed up, and hourly ones past theirs; how many months.
-- No tombstone: a workstation forgets by its own window, which is shorter.
CREATE OR REPLACE FUNCTION vigie.prune_history() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    now timestamptz := vigie.now();
    kept vigie.retention;
    part text;
    dropped bigint := 0;
BEGIN
    SELECT * INTO kept FROM vigie.retention;
    -- Rather another day than a city that waits behind us for a lock.
    PERFORM set_config('lock_timeout', '2s', true);
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'vigie.state_history'::regclass AND c.relname ~ '^state_history_[0-9]{4}_[0-9]{2}$'
          AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= now - kept.raw_states
        ORDER BY c.relname
    LOOP
        PERFORM vigie.sum_up(format('vigie.%I', part)::regclass, 'infinity');
        EXECUTE format('DROP TABLE vigie.%I', part);
        dropped := dropped + 1;
    END LOOP;
    PERFORM vigie.sum_up('vigie.state_history_other'::regclass, now - kept.raw_states);
    DELETE FROM vigie.state_history_other h WHERE h.observed_at < now - kept.raw_states;
    DELETE FROM vigie.state_hourly h WHERE h.hour < now - kept.hourly_states;
    RETURN dropped;
END $$;
