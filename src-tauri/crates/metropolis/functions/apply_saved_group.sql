-- kinds `saved_group_put` and `saved_group_drop`: lists of objects kept under a name, for groups to come.

CREATE OR REPLACE FUNCTION vigie.apply_saved_group_put(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'saved_group_id');
    called text := vigie.need_text(payload, 'name');
    listed jsonb := payload -> 'members';
    objects uuid[];
BEGIN
    IF jsonb_typeof(listed) IS DISTINCT FROM 'array' THEN
        PERFORM vigie.malformed('members');
    END IF;
    SELECT array_agg(vigie.uuid_or_null(m.value #>> '{}')) INTO objects FROM jsonb_array_elements(listed) AS m;
    IF vigie.is_blank(called) OR char_length(called) > 80 OR coalesce(cardinality(objects), 0) NOT BETWEEN 1 AND 1000
        OR (SELECT count(DISTINCT o) FROM unnest(objects) AS o) <> cardinality(objects)
    THEN
        PERFORM vigie.malformed('members');
    END IF;
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    INSERT INTO vigie.saved_group (saved_group_id, name, members, person_id, changed_at)
    VALUES (id, called, listed, me.person_id, now)
    ON CONFLICT (saved_group_id) DO UPDATE
    SET name = EXCLUDED.name, members = EXCLUDED.members, person_id = EXCLUDED.person_id, changed_at = EXCLUDED.changed_at;
    RETURN vigie.applied(NULL, id, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_saved_group_drop(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'saved_group_id');
BEGIN
    DELETE FROM vigie.saved_group g WHERE g.saved_group_id = id;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    RETURN vigie.applied(NULL, id, NULL);
END $$;
