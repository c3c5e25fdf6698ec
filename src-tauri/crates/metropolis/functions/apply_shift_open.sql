-- kind `shift_open`: someone takes a desk, in the role of his account.

CREATE OR REPLACE FUNCTION vigie.apply_shift_open(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'shift_id');
    desk uuid := vigie.need_uuid(payload, 'desk_id');
    ends_at timestamptz := vigie.at(vigie.need_int(payload, 'ends_at'));
BEGIN
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    IF NOT EXISTS (SELECT FROM vigie.desk d WHERE d.desk_id = desk) THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, desk, NULL);
    END IF;
    IF ends_at <= now THEN
        RETURN vigie.refused('shift_over', NULL, NULL, id, NULL);
    END IF;
    INSERT INTO vigie.shift (shift_id, desk_id, person_id, role, opened_at, ends_at, closed_at)
    VALUES (id, desk, me.person_id, me.role, now, ends_at, NULL)
    ON CONFLICT (shift_id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, NULL);
    END IF;
    RETURN vigie.applied(NULL, id, NULL);
END $$;
