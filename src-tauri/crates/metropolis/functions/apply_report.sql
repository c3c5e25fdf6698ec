-- kind `report`: states seen by a gateway, many objects at once, and what these states say of commands and effects.

CREATE OR REPLACE FUNCTION vigie.apply_report(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    turns bigint;
    turn bigint;
    seen uuid[];
    strangers jsonb;
BEGIN
    IF jsonb_typeof(payload -> 'states') IS DISTINCT FROM 'array' THEN
        PERFORM vigie.malformed('states');
    END IF;
    -- Only the identifiers are looked at here: a report carries thousands of states, and its form is checked once, below.
    SELECT coalesce(max(n), 0) INTO turns FROM (
        SELECT count(*) AS n FROM jsonb_array_elements(payload -> 'states') AS s
        GROUP BY vigie.uuid_or_null(s.value ->> 'equipment_id')) AS by_object;

    -- An object may come several times: in turns, so that each report meets the state that the one before it left.
    FOR turn IN 1..turns LOOP
        SELECT vigie.write_states(payload -> 'states', turn, now) INTO seen;
        PERFORM vigie.confirm_by_states(seen, now);
        PERFORM vigie.end_effects_by_states(seen);
        PERFORM vigie.compare_programmes(seen, now);
    END LOOP;

    SELECT jsonb_agg(DISTINCT r.id) INTO strangers
    FROM (SELECT vigie.uuid_or_null(s.value ->> 'equipment_id') AS id FROM jsonb_array_elements(payload -> 'states') AS s) AS r
    WHERE NOT EXISTS (SELECT FROM vigie.equipment e WHERE e.equipment_id = r.id);
    RETURN ROW(
        'applied', NULL, NULL, CASE WHEN strangers IS NOT NULL THEN jsonb_build_object('unknown', strangers) END, NULL, NULL
    )::vigie.verdict;
END $$;
