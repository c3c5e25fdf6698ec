-- kinds `flood_bulletin` and `flood_forecast`: what the public services say of rivers. The same as the core's `after_bulletin` and
-- `after_forecast`.

-- A line of a river as GeoJSON has it.
CREATE OR REPLACE FUNCTION vigie.is_river_line(geometry jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(geometry ->> 'type' IN ('LineString', 'MultiLineString'), false)
        AND coalesce(jsonb_typeof(geometry -> 'coordinates') = 'array', false)
$$;

-- A reach that the bulletin does not have is unknown from its hour on. What is older than what is known changes nothing.
CREATE OR REPLACE FUNCTION vigie.apply_flood_bulletin(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    said_source text := vigie.need_text(payload, 'source');
    said_reference text := vigie.need_text(payload, 'reference');
    said_at timestamptz := vigie.at(vigie.need_int(payload, 'issued_at'));
    said vigie.river_reach[];
BEGIN
    IF jsonb_typeof(payload -> 'reaches') IS DISTINCT FROM 'array' OR said_source !~ '^[a-z0-9_-]{1,60}$'
        OR char_length(said_reference) > 60
    THEN
        PERFORM vigie.malformed('flood_bulletin');
    END IF;
    IF jsonb_array_length(payload -> 'reaches') > 500 THEN
        PERFORM vigie.malformed('reaches');
    END IF;
    SELECT array_agg(ROW(
        vigie.need_uuid(r.value, 'reach_id'), vigie.need_text(r.value, 'code'), vigie.need_text(r.value, 'name'),
        vigie.need_text(r.value, 'territory'), said_source,
        CASE WHEN coalesce(jsonb_typeof(r.value -> 'geometry'), 'null') <> 'null' THEN r.value -> 'geometry' END,
        CASE WHEN coalesce(jsonb_typeof(r.value -> 'vigilance'), 'null') <> 'null'
            THEN vigie.need_code(r.value, 'vigilance', 'vigilance') END,
        said_at, said_at, said_reference, NULL)::vigie.river_reach ORDER BY r.ordinality)
    INTO said FROM jsonb_array_elements(payload -> 'reaches') WITH ORDINALITY AS r;
    IF EXISTS (
        SELECT FROM unnest(said) AS s
        WHERE vigie.is_blank(s.code) OR char_length(s.code) > 40 OR vigie.is_blank(s.name) OR char_length(s.name) > 200
           OR char_length(s.territory) > 40 OR (s.geometry IS NOT NULL AND NOT vigie.is_river_line(s.geometry)))
        OR (SELECT count(*) <> count(DISTINCT s.reach_id) FROM unnest(said) AS s)
    THEN
        PERFORM vigie.malformed('reaches');
    END IF;

    -- One bulletin of a source after the other: two of them at once would each call unknown what the other has.
    PERFORM pg_advisory_xact_lock(hashtextextended('vigie.flood_bulletin/' || said_source, 3));
    INSERT INTO vigie.river_reach AS k (
        reach_id, code, name, territory, source, geometry, vigilance, since, bulletin_at, bulletin)
    SELECT s.reach_id, s.code, s.name, s.territory, s.source, coalesce(s.geometry, 'null'), s.vigilance, said_at, said_at, said_reference
    FROM unnest(said) AS s ORDER BY s.reach_id
    ON CONFLICT (reach_id) DO UPDATE SET
        code = EXCLUDED.code, name = EXCLUDED.name, territory = EXCLUDED.territory, source = EXCLUDED.source,
        geometry = CASE WHEN EXCLUDED.geometry = 'null' THEN k.geometry ELSE EXCLUDED.geometry END,
        vigilance = EXCLUDED.vigilance,
        since = CASE WHEN k.vigilance IS DISTINCT FROM EXCLUDED.vigilance THEN EXCLUDED.since ELSE k.since END,
        bulletin_at = EXCLUDED.bulletin_at, bulletin = EXCLUDED.bulletin
    WHERE k.source = said_source AND k.bulletin_at <= said_at
      AND ROW(k.code, k.name, k.territory, k.vigilance, k.bulletin_at, k.bulletin,
              CASE WHEN EXCLUDED.geometry = 'null' THEN EXCLUDED.geometry ELSE k.geometry END)
          IS DISTINCT FROM ROW(EXCLUDED.code, EXCLUDED.name, EXCLUDED.territory, EXCLUDED.vigilance, EXCLUDED.bulletin_at,
              EXCLUDED.bulletin, EXCLUDED.geometry);
    UPDATE vigie.river_reach k SET vigilance = NULL, since = said_at, bulletin_at = said_at, bulletin = said_reference
    WHERE k.source = said_source AND k.vigilance IS NOT NULL AND k.bulletin_at <= said_at
      AND NOT EXISTS (SELECT FROM unnest(said) AS s WHERE s.reach_id = k.reach_id);
    RETURN vigie.applied(NULL, NULL, NULL);
END $$;

-- A forecast replaces the one before it.
CREATE OR REPLACE FUNCTION vigie.apply_flood_forecast(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'forecast_id');
    gauge uuid := vigie.need_uuid(payload, 'equipment_id');
    measured text := vigie.need_code(payload, 'quantity', 'flood_quantity');
    made_at timestamptz := vigie.at(vigie.need_int(payload, 'issued_at'));
    said_source text := vigie.need_text(payload, 'source');
    said jsonb := payload -> 'points';
BEGIN
    IF jsonb_typeof(said) IS DISTINCT FROM 'array' OR said_source !~ '^[a-z0-9_-]{1,60}$' THEN
        PERFORM vigie.malformed('flood_forecast');
    END IF;
    IF jsonb_array_length(said) > 200 OR EXISTS (
        SELECT FROM jsonb_array_elements(said) AS p
        WHERE jsonb_typeof(p.value) <> 'object' OR vigie.need_int(p.value, 'at') IS NULL
           OR jsonb_typeof(p.value -> 'low') IS DISTINCT FROM 'number' OR jsonb_typeof(p.value -> 'mean') IS DISTINCT FROM 'number'
           OR jsonb_typeof(p.value -> 'high') IS DISTINCT FROM 'number')
    THEN
        PERFORM vigie.malformed('points');
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT (p.value ->> 'at')::bigint AS at, lag((p.value ->> 'at')::bigint) OVER (ORDER BY p.ordinality) AS before,
                   (p.value ->> 'low')::double precision AS low, (p.value ->> 'mean')::double precision AS mean,
                   (p.value ->> 'high')::double precision AS high
            FROM jsonb_array_elements(said) WITH ORDINALITY AS p) AS p
        WHERE p.at <= p.before OR p.low > p.mean OR p.mean > p.high)
    THEN
        PERFORM vigie.malformed('points');
    END IF;
    IF NOT EXISTS (SELECT FROM vigie.equipment e WHERE e.equipment_id = gauge AND e.kind = 'gauge') THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, gauge, NULL);
    END IF;
    INSERT INTO vigie.gauge_forecast AS k (forecast_id, equipment_id, quantity, issued_at, source, points)
    VALUES (id, gauge, measured, made_at, said_source, said)
    ON CONFLICT (forecast_id) DO UPDATE SET
        equipment_id = EXCLUDED.equipment_id, quantity = EXCLUDED.quantity, issued_at = EXCLUDED.issued_at,
        source = EXCLUDED.source, points = EXCLUDED.points
    WHERE k.issued_at <= EXCLUDED.issued_at
      AND ROW(k.equipment_id, k.quantity, k.issued_at, k.source, k.points)
          IS DISTINCT FROM ROW(EXCLUDED.equipment_id, EXCLUDED.quantity, EXCLUDED.issued_at, EXCLUDED.source, EXCLUDED.points);
    RETURN vigie.applied(NULL, gauge, NULL);
END $$;
