-- kind `progress`: what became of a command, by the gateway or by the house, through the table of transitions.

CREATE OR REPLACE FUNCTION vigie.apply_progress(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'command_id');
    event text := vigie.need_code(payload, 'event', 'command_event');
    detail text := vigie.may_text(payload, 'detail');
    cmd vigie.command;
    next text;
BEGIN
    -- As `core::command::may_report`: the field tells what it did, the house that nobody answered (R18).
    IF NOT (CASE me.role
        WHEN 'gateway' THEN event IN ('start_dispatch', 'publish', 'gateway_restart', 'execute', 'fail', 'late_done', 'late_fail')
            AND vigie.speaks_for_the_field()
        WHEN 'house' THEN event IN ('silence', 'expire') AND vigie.speaks_for_the_house()
        ELSE false
    END) THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    SELECT * INTO cmd FROM vigie.command c WHERE c.command_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    next := vigie.step(cmd.state, event, now, cmd.expires_at);
    IF next IS NULL THEN
        RETURN vigie.refused('illegal_event', cmd.state, NULL, id, cmd.action);
    END IF;
    -- The gateway reads locks again before it publishes (R10).
    IF next = 'dispatching' AND vigie.stopped_by_lock(cmd) THEN
        next := vigie.step(cmd.state, 'reject', now, cmd.expires_at);
        detail := 'crew_lock';
    END IF;
    PERFORM vigie.move_command(cmd, next, now, me.role, detail);
    -- The device's state may have come before its answer.
    IF next = 'executed' THEN
        PERFORM vigie.confirm_by_states(ARRAY[cmd.equipment_id], now);
    END IF;
    RETURN vigie.applied(next, id, cmd.action);
END $$;

-- In-force effects whose end passed by more than 60 s and that nobody saw ending (R3). For the house.
CREATE OR REPLACE FUNCTION vigie.mark_overdue_effects() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    marked bigint;
BEGIN
    PERFORM vigie.need_house();
    IF NOT vigie.speaks_for_the_house() THEN
        RETURN 0;
    END IF;
    WITH late AS (
        SELECT c.command_id FROM vigie.command c
        WHERE c.effect = 'in_force' AND c.effect_until + interval '60 seconds' < vigie.now()
        ORDER BY c.command_id FOR UPDATE SKIP LOCKED)
    UPDATE vigie.command c SET effect = 'overdue' FROM late WHERE c.command_id = late.command_id;
    GET DIAGNOSTICS marked = ROW_COUNT;
    RETURN marked;
END $$;
