-- kind `command_group_stop`: every member that has not left is cancelled, by the group's author or a supervisor. What has
-- left goes on and is told of as usual.

CREATE OR REPLACE FUNCTION vigie.apply_command_group_stop(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'group_id');
    grp vigie.command_group;
    cmd vigie.command;
    next text;
    stopped bigint := 0;
BEGIN
    PERFORM vigie.need_text(payload, 'reason');
    SELECT * INTO grp FROM vigie.command_group g WHERE g.group_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.role <> 'supervisor' AND grp.person_id IS DISTINCT FROM me.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, grp.action);
    END IF;
    FOR cmd IN SELECT c.* FROM vigie.command c WHERE c.group_id = id ORDER BY c.command_id FOR UPDATE LOOP
        next := vigie.step(cmd.state, 'cancel', now, cmd.expires_at);
        IF next IS NOT NULL THEN
            PERFORM vigie.move_command(cmd, next, now, 'desk', 'group_stopped');
            stopped := stopped + 1;
        END IF;
    END LOOP;
    IF grp.stopped_at IS NULL THEN
        UPDATE vigie.command_group g SET stopped_at = now, stopped_by = me.person_id WHERE g.group_id = id;
    END IF;
    RETURN ROW('applied', NULL, NULL, jsonb_build_object('stopped', stopped), id, grp.action)::vigie.verdict;
END $$;
