-- kind `command`: one order on one object.

CREATE OR REPLACE FUNCTION vigie.apply_command(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    cmd vigie.command := vigie.read_order(me, payload, now);
    procedure jsonb := coalesce(payload -> 'procedure', '{}');
    alone jsonb := CASE WHEN coalesce(jsonb_typeof(procedure -> 'sole'), 'null') <> 'null' THEN vigie.need_object(procedure, 'sole') END;
BEGIN
    cmd.command_id := vigie.need_uuid(payload, 'command_id');
    cmd.equipment_id := vigie.need_uuid(payload, 'equipment_id');
    cmd.seen_control_version := vigie.need_int(vigie.need_object(payload, 'seen'), 'control_version');
    cmd.without_visibility := vigie.need_flag(payload, 'without_visibility');
    cmd.approval_id := vigie.may_uuid(procedure, 'approval_id');
    IF alone IS NOT NULL THEN
        cmd.sole := vigie.need_code(alone, 'reason', 'sole_reason');
        PERFORM vigie.need_text(alone, 'caller'), vigie.need_text(alone, 'phone');
    END IF;
    IF cmd.command_id <> sid THEN
        PERFORM vigie.malformed('command_id');
    END IF;
    RETURN vigie.take_command(me, cmd, ARRAY[cmd.equipment_id], NULL, NULL, alone, now);
END $$;
