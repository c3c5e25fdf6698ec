-- What reported states say: of the objects, of the commands under way on them, and of the effects in force.

-- The states of a report as rows, with their turn among those of the same object.
CREATE OR REPLACE FUNCTION vigie.read_states(states jsonb) RETURNS TABLE (
    equipment_id uuid, turn bigint, reading jsonb, quality text, observed_at timestamptz, source text, reach text, mode text,
    target jsonb, effect_until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT r.id, row_number() OVER (PARTITION BY r.id ORDER BY r.place), vigie.need_object(r.state, 'reading'),
           vigie.need_code(r.state, 'quality', 'quality'), vigie.at(vigie.need_int(r.state, 'observed_at')),
           vigie.need_text(r.state, 'source'), vigie.need_code(r.state, 'reach', 'reach'),
           vigie.need_code(r.state, 'mode', 'mode'),
           CASE WHEN coalesce(jsonb_typeof(r.state -> 'target'), 'null') <> 'null' THEN vigie.need_object(r.state, 'target') END,
           vigie.at(vigie.may_int(r.state, 'effect_until'))
    FROM (SELECT vigie.need_uuid(s.value, 'equipment_id') AS id, s.value AS state, s.ordinality AS place
          FROM jsonb_array_elements(states) WITH ORDINALITY AS s) AS r
$$;

-- Writes one turn; returns the objects whose state it is now. An observation older than the state only enters history.
CREATE OR REPLACE FUNCTION vigie.write_states(states jsonb, at_turn bigint, now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    seen uuid[];
BEGIN
    WITH met AS (
        SELECT r.*, s.equipment_id AS known, s.observed_at > r.observed_at AS older,
               s.equipment_id IS NULL
               OR ROW(s.reading, s.quality, s.mode) IS DISTINCT FROM ROW(r.reading, r.quality, r.mode) AS differs
        FROM vigie.read_states(states) r
        JOIN vigie.equipment e USING (equipment_id)
        LEFT JOIN vigie.equipment_state s USING (equipment_id)
        WHERE r.turn = at_turn
    ), past AS (
        INSERT INTO vigie.state_history (history_id, equipment_id, reading, quality, observed_at, source, mode)
        SELECT gen_random_uuid(), m.equipment_id, m.reading, m.quality, m.observed_at, m.source, m.mode
        FROM met m WHERE (m.differs OR m.older)
          -- Public services are asked for the same hours again and again, since some values come late: each enters once.
          AND NOT (m.older IS TRUE AND EXISTS (
              SELECT FROM vigie.state_history h
              WHERE h.equipment_id = m.equipment_id AND h.observed_at = m.observed_at AND h.source = m.source
                AND ROW(h.reading, h.quality, h.mode) IS NOT DISTINCT FROM ROW(m.reading, m.quality, m.mode)))
    ), present AS (
        INSERT INTO vigie.equipment_state AS s (
            equipment_id, reading, quality, observed_at, received_at, source, reach, mode, target, effect_until, version,
            control_version)
        SELECT m.equipment_id, m.reading, m.quality, m.observed_at, now, m.source, m.reach, m.mode, m.target,
               m.effect_until, 1, 1
        FROM met m WHERE m.older IS NOT TRUE
        ON CONFLICT (equipment_id) DO UPDATE SET
            reading = EXCLUDED.reading, quality = EXCLUDED.quality, observed_at = EXCLUDED.observed_at,
            received_at = EXCLUDED.received_at, source = EXCLUDED.source, reach = EXCLUDED.reach, mode = EXCLUDED.mode,
            target = EXCLUDED.target, effect_until = EXCLUDED.effect_until, version = s.version + 1,
            control_version = s.control_version
                + (ROW(s.mode, s.target, s.effect_until)
                   IS DISTINCT FROM ROW(EXCLUDED.mode, EXCLUDED.target, EXCLUDED.effect_until))::int
        RETURNING s.equipment_id
    )
    SELECT coalesce(array_agg(p.equipment_id), '{}') INTO seen FROM present p;
    RETURN seen;
END $$;

-- Executed commands that the state now shows: done, and only then (R18). A read is confirmed by any state observed
-- since it was accepted, an order by one observed since it was published: a device shows what it did before its gateway has
-- told of it, by a clock that may be two seconds behind.
CREATE OR REPLACE FUNCTION vigie.confirm_by_states(objects uuid[], now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    cmd vigie.command;
BEGIN
    FOR cmd IN
        SELECT c.* FROM vigie.command c
        JOIN vigie.equipment_state s USING (equipment_id)
        JOIN vigie.action a ON a.code = c.action
        WHERE c.equipment_id = ANY (objects) AND c.state = 'executed'
          AND CASE a.class
              WHEN 'A' THEN s.observed_at >= (
                  SELECT min(e.at) FROM vigie.command_event e WHERE e.command_id = c.command_id AND e.to_state = 'accepted')
              ELSE s.observed_at >= (
                      SELECT min(e.at) - interval '2 seconds' FROM vigie.command_event e
                      WHERE e.command_id = c.command_id AND e.to_state = 'dispatched')
                  AND (s.reading || jsonb_build_object('mode', s.mode)) @> (a.expect || c.params)
              END
        ORDER BY c.command_id
    LOOP
        PERFORM vigie.move_command(cmd, 'confirmed', now, 'metropolis', NULL);
    END LOOP;
END $$;

-- Effects on objects that are seen out of their override. The device's own clock may run two seconds ahead of its end.
CREATE OR REPLACE FUNCTION vigie.end_effects_by_states(objects uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.command c
    SET effect = CASE WHEN s.observed_at < c.effect_until - interval '2 seconds' THEN 'contradicted' ELSE 'ended' END
    FROM vigie.equipment_state s
    WHERE s.equipment_id = c.equipment_id AND c.equipment_id = ANY (objects)
      AND c.effect IN ('in_force', 'overdue') AND s.mode <> 'override'
      AND NOT (c.effect = 'overdue' AND s.observed_at < c.effect_until - interval '2 seconds')
      AND s.observed_at >= (
          SELECT max(e.at) FROM vigie.command_event e WHERE e.command_id = c.command_id AND e.to_state = 'executed');
END $$;
