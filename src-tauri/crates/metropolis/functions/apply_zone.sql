-- kinds `zone_put` and `zone_drop`: zones drawn and changed on the map.

-- What a role does not see it does not write.
CREATE OR REPLACE FUNCTION vigie.may_write_zone(me vigie.account, kind text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM vigie.hidden_row h WHERE h.table_name = 'zone' AND h.value = may_write_zone.kind AND h.role = me.role)
$$;

-- Why a zone may not be written or thrown away by who saw it at a revision; nothing when it may.
CREATE OR REPLACE FUNCTION vigie.zone_refusal(me vigie.account, known vigie.zone, id uuid, after bigint) RETURNS vigie.verdict
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF known.zone_id IS NOT NULL AND NOT vigie.may_write_zone(me, known.kind) THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    IF known.zone_id IS NULL AND after IS NOT NULL THEN
        RETURN vigie.refused('no_such_zone', NULL, NULL, id, NULL);
    END IF;
    IF known.zone_id IS NOT NULL AND after IS DISTINCT FROM coalesce(known.revision, 0) THEN
        RETURN vigie.refused('zone_changed', NULL, jsonb_build_object(
            'revision', known.revision, 'person_id', known.person_id, 'changed_at', vigie.ms(known.changed_at)), id, NULL);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_zone_put(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'zone_id');
    after bigint := vigie.may_int(payload, 'after');
    said_reference text := vigie.need_text(payload, 'reference');
    said_name text := vigie.need_text(payload, 'name');
    said_kind text := vigie.need_code(payload, 'zone_kind', 'zone_kind');
    said jsonb := vigie.need_object(payload, 'outline');
    known vigie.zone;
    refusal vigie.verdict;
BEGIN
    IF vigie.is_blank(said_reference) OR char_length(said_reference) > 40 OR NOT vigie.is_name(payload -> 'name')
        OR NOT vigie.outline_is_valid(said)
    THEN
        PERFORM vigie.malformed('zone');
    END IF;
    IF me.person_id IS NULL OR NOT vigie.may_write_zone(me, said_kind) THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    SELECT * INTO known FROM vigie.zone z WHERE z.zone_id = id FOR UPDATE;
    refusal := vigie.zone_refusal(me, known, id, after);
    IF refusal.status IS NOT NULL THEN
        RETURN refusal;
    END IF;
    -- Files know a zone by its reference.
    IF known.reference <> said_reference THEN
        PERFORM vigie.malformed('reference');
    END IF;
    BEGIN
        INSERT INTO vigie.zone AS z (zone_id, reference, name, kind, outline, revision, person_id, changed_at)
        VALUES (id, said_reference, said_name, said_kind, said, coalesce(after, 0) + 1, me.person_id, now)
        ON CONFLICT (zone_id) DO UPDATE SET
            name = EXCLUDED.name, kind = EXCLUDED.kind, outline = EXCLUDED.outline, revision = EXCLUDED.revision,
            person_id = EXCLUDED.person_id, changed_at = EXCLUDED.changed_at
            WHERE coalesce(z.revision, 0) IS NOT DISTINCT FROM after;
    EXCEPTION WHEN unique_violation THEN
        RETURN vigie.refused('reference_taken', NULL, NULL, id, NULL);
    END;
    IF NOT FOUND THEN
        -- Another drew it at this very moment, under the same identifier.
        SELECT * INTO known FROM vigie.zone z WHERE z.zone_id = id;
        RETURN vigie.zone_refusal(me, known, id, after);
    END IF;
    RETURN vigie.applied(NULL, id, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_zone_drop(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'zone_id');
    after bigint := vigie.need_int(payload, 'after');
    known vigie.zone;
    refusal vigie.verdict;
BEGIN
    SELECT * INTO known FROM vigie.zone z WHERE z.zone_id = id FOR UPDATE;
    refusal := vigie.zone_refusal(me, known, id, after);
    IF refusal.status IS NOT NULL THEN
        RETURN refusal;
    END IF;
    DELETE FROM vigie.zone z WHERE z.zone_id = id;
    RETURN vigie.applied(NULL, id, NULL);
END $$;
