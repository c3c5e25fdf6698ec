-- kind `command_close`: a person closes an unknown, with a reason.

CREATE OR REPLACE FUNCTION vigie.apply_command_close(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'command_id');
    reason text := vigie.need_text(payload, 'reason');
    cmd vigie.command;
    next text;
BEGIN
    SELECT * INTO cmd FROM vigie.command c WHERE c.command_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF vigie.is_blank(reason) THEN
        RETURN vigie.refused('reason_needed', cmd.state, NULL, id, cmd.action);
    END IF;
    next := vigie.step(cmd.state, 'close', now, cmd.expires_at);
    IF next IS NULL THEN
        RETURN vigie.refused('illegal_event', cmd.state, NULL, id, cmd.action);
    END IF;
    PERFORM vigie.move_command(cmd, next, now, 'desk', reason);
    RETURN vigie.applied(next, id, cmd.action);
END $$;
