-- kind `command_cancel`: by its author or a supervisor, while it has not left for the field.

CREATE OR REPLACE FUNCTION vigie.apply_command_cancel(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'command_id');
    cmd vigie.command;
    next text;
BEGIN
    PERFORM vigie.need_text(payload, 'reason');
    SELECT * INTO cmd FROM vigie.command c WHERE c.command_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.role <> 'supervisor' AND cmd.person_id IS DISTINCT FROM me.person_id THEN
        RETURN vigie.refused('not_allowed', cmd.state, NULL, id, cmd.action);
    END IF;
    next := vigie.step(cmd.state, 'cancel', now, cmd.expires_at);
    IF next IS NULL THEN
        RETURN vigie.refused('illegal_event', cmd.state, NULL, id, cmd.action);
    END IF;
    PERFORM vigie.move_command(cmd, next, now, 'desk', NULL);
    RETURN vigie.applied(next, id, cmd.action);
END $$;
