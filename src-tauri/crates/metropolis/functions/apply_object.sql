-- kinds `object_take`, `object_give`, `object_release`: one desk pilots an object at a time (R9). The core's `command::pilot`.

CREATE OR REPLACE FUNCTION vigie.apply_object_take(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'equipment_id');
    shift uuid := vigie.need_uuid(payload, 'shift_id');
    selects boolean := vigie.need_flag(payload, 'select');
    object vigie.equipment;
    held vigie.desk_hold;
BEGIN
    SELECT * INTO object FROM vigie.equipment e WHERE e.equipment_id = id;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.person_id IS NULL
        OR NOT EXISTS (SELECT FROM vigie.pilot_right p WHERE p.kind = object.kind AND p.role = me.role)
    THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    IF NOT vigie.shift_is_open(shift, me.person_id, now) THEN
        RETURN vigie.refused('shift_over', NULL, NULL, id, NULL);
    END IF;
    held := vigie.living_hold(id, now);
    IF held.person_id <> me.person_id THEN
        RETURN vigie.refused('held_by_other_desk', NULL, NULL, id, NULL);
    END IF;
    PERFORM vigie.put_hold(
        id, shift, me.person_id, CASE WHEN selects THEN now + vigie.limit_of('select_life') END, selects, now);
    RETURN vigie.applied(NULL, id, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_object_give(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'equipment_id');
    desk uuid := vigie.need_uuid(payload, 'to_desk');
    held vigie.desk_hold := vigie.living_hold(id, now);
    next vigie.shift;
BEGIN
    IF held.equipment_id IS NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, NULL);
    END IF;
    IF me.role <> 'supervisor' AND held.person_id IS DISTINCT FROM me.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    -- To a desk where somebody sits who may pilot it.
    SELECT s.* INTO next FROM vigie.shift s
    JOIN vigie.equipment e ON e.equipment_id = id
    JOIN vigie.pilot_right p ON p.kind = e.kind AND p.role = s.role
    WHERE s.desk_id = desk AND s.closed_at IS NULL AND s.ends_at > now ORDER BY s.opened_at DESC, s.shift_id LIMIT 1;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    DELETE FROM vigie.desk_hold h WHERE h.equipment_id = id;
    PERFORM vigie.put_hold(id, next.shift_id, next.person_id, NULL, false, now);
    RETURN vigie.applied(NULL, id, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_object_release(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'equipment_id');
    held vigie.desk_hold := vigie.living_hold(id, now);
BEGIN
    IF held.equipment_id IS NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, NULL);
    END IF;
    IF me.role <> 'supervisor' AND held.person_id IS DISTINCT FROM me.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    DELETE FROM vigie.desk_hold h WHERE h.equipment_id = id;
    RETURN vigie.applied(NULL, id, NULL);
END $$;
