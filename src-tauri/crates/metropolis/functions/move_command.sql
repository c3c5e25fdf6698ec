-- A command's transition is a row, whoever makes it.

CREATE OR REPLACE FUNCTION vigie.write_event(
    command_id uuid, at timestamptz, from_state text, to_state text, actor text, detail text
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO vigie.command_event (event_id, command_id, at, from_state, to_state, actor, detail)
    VALUES (gen_random_uuid(), command_id, at, from_state, to_state, actor, detail);
END $$;

-- The next state by the table, at `now`: what would carry a command towards the field after its life expires it
-- instead (R2). Null when the table does not have the event.
CREATE OR REPLACE FUNCTION vigie.step(state text, event text, now timestamptz, expires_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN t.forward AND now > expires_at THEN
                (SELECT e.to_state FROM vigie.command_transition e
                 WHERE e.from_state = t.from_state AND e.event = 'expire' AND t.from_state <> 'drafted')
            ELSE t.to_state
        END
        FROM vigie.command_transition t
        WHERE t.from_state = step.state AND t.event = step.event);
END $$;

CREATE OR REPLACE FUNCTION vigie.move_command(cmd vigie.command, to_state text, now timestamptz, actor text, detail text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.command c
    SET state = to_state, state_since = now, detail = move_command.detail,
        -- From here the device is overridden, and its end must be seen (R3).
        effect = CASE WHEN to_state = 'executed' AND c.effect_until IS NOT NULL THEN 'in_force' ELSE c.effect END
    WHERE c.command_id = cmd.command_id;
    -- What it replaces on the object is over: no alarm at its former end (R3).
    IF to_state = 'executed' AND cmd.class <> 'A' THEN
        UPDATE vigie.command c SET effect = 'ended'
        WHERE c.equipment_id = cmd.equipment_id AND c.command_id <> cmd.command_id AND c.effect IN ('in_force', 'overdue');
    END IF;
    PERFORM vigie.write_event(cmd.command_id, now, cmd.state, to_state, actor, detail);
    IF to_state IN ('confirmed', 'late_done') THEN
        PERFORM vigie.assign_programme(cmd, now);
    END IF;
    -- A lock asked meanwhile waits for this (R10). What is superseded has a successor that is about to be written.
    IF to_state <> 'superseded' THEN
        PERFORM vigie.grant_locks(cmd.equipment_id, now);
    END IF;
END $$;
