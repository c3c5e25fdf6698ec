-- kind `shift_close`: someone leaves his desk, or a supervisor closes a shift that was left open.

CREATE OR REPLACE FUNCTION vigie.apply_shift_close(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'shift_id');
    held vigie.shift;
BEGIN
    SELECT * INTO held FROM vigie.shift s WHERE s.shift_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.role <> 'supervisor' AND held.person_id IS DISTINCT FROM me.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    IF held.closed_at IS NOT NULL THEN
        RETURN vigie.refused('shift_over', NULL, NULL, id, NULL);
    END IF;
    UPDATE vigie.shift s SET closed_at = now WHERE s.shift_id = id;
    PERFORM vigie.end_procedures_of(id);
    RETURN vigie.applied(NULL, id, NULL);
END $$;
