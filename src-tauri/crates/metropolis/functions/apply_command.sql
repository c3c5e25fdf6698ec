-- kind `command`: one order on one object.

CREATE OR REPLACE FUNCTION vigie.apply_command(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    cmd vigie.command := vigie.read_order(me, payload, now);
BEGIN
    cmd.command_id := vigie.need_uuid(payload, 'command_id');
    cmd.equipment_id := vigie.need_uuid(payload, 'equipment_id');
    cmd.seen_control_version := vigie.need_int(vigie.need_object(payload, 'seen'), 'control_version');
    cmd.without_visibility := vigie.need_flag(payload, 'without_visibility');
    IF cmd.command_id <> sid THEN
        PERFORM vigie.malformed('command_id');
    END IF;
    RETURN vigie.take_command(me, cmd, ARRAY[cmd.equipment_id], NULL, now);
END $$;
