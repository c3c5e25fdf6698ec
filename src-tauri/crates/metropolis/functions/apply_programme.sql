-- kinds `programme_put` and `programme_drop`: programmes as drafts. Applying one is a command.

CREATE OR REPLACE FUNCTION vigie.has_keys(object jsonb, keys text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(object) WHEN 'object' THEN
        (SELECT count(*) FROM jsonb_object_keys(object)) = cardinality(keys) AND object ?& keys
    ELSE false END
$$;

CREATE OR REPLACE FUNCTION vigie.int_or_null(value jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' AND value #>> '{}' ~ '^-?[0-9]{1,9}$' THEN (value #>> '{}')::bigint END
$$;

-- A date that does not exist raises a data exception.
CREATE OR REPLACE FUNCTION vigie.date_or_null(value jsonb) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'string' AND value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
        THEN make_date(left(value #>> '{}', 4)::int, substr(value #>> '{}', 6, 2)::int, right(value #>> '{}', 2)::int) END
$$;

CREATE OR REPLACE FUNCTION vigie.is_name(value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(value) = 'string' AND NOT vigie.is_blank(value #>> '{}') AND char_length(value #>> '{}') <= 80
$$;

-- Whether one step is what `core::programme::validate` lets pass.
CREATE OR REPLACE FUNCTION vigie.step_is_valid(kind text, plans jsonb, step jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        vigie.has_keys(step, ARRAY['from', 'minutes', 'level', 'plan'])
        AND CASE step ->> 'from'
            WHEN 'clock' THEN vigie.int_or_null(step -> 'minutes') BETWEEN 0 AND 1439
            WHEN 'dusk' THEN kind = 'lighting' AND vigie.int_or_null(step -> 'minutes') BETWEEN -180 AND 180
            WHEN 'dawn' THEN kind = 'lighting' AND vigie.int_or_null(step -> 'minutes') BETWEEN -180 AND 180
            ELSE false END
        AND CASE kind
            WHEN 'lighting' THEN step -> 'plan' = 'null' AND vigie.int_or_null(step -> 'level') BETWEEN 0 AND 100
            WHEN 'signals' THEN step -> 'level' = 'null' AND jsonb_typeof(step -> 'plan') = 'string'
                AND EXISTS (SELECT FROM jsonb_array_elements(plans) AS p WHERE p.value -> 'name' = step -> 'plan')
            ELSE false END,
        false)
$$;

-- Whether a programme is what `core::programme::validate` lets pass, key by key: what a workstation could not read must not
-- get in.
CREATE OR REPLACE FUNCTION vigie.programme_is_valid(kind text, content jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most CONSTANT int := 24;
    listed text;
    named jsonb;
    item jsonb;
BEGIN
    IF NOT vigie.has_keys(content, ARRAY['name', 'valid_from', 'valid_until', 'plans', 'programmes', 'rules', 'default'])
        OR NOT vigie.is_name(content -> 'name') OR vigie.date_or_null(content -> 'valid_from') IS NULL
        OR (content -> 'valid_until' <> 'null' AND vigie.date_or_null(content -> 'valid_until') IS NULL)
        OR vigie.date_or_null(content -> 'valid_until') < vigie.date_or_null(content -> 'valid_from')
    THEN
        RETURN false;
    END IF;
    FOREACH listed IN ARRAY ARRAY['plans', 'programmes', 'rules'] LOOP
        IF jsonb_typeof(content -> listed) <> 'array' OR jsonb_array_length(content -> listed) > most THEN
            RETURN false;
        END IF;
    END LOOP;
    FOR item IN SELECT p.value FROM jsonb_array_elements(content -> 'plans') AS p LOOP
        IF NOT vigie.has_keys(item, ARRAY['name', 'number']) OR NOT vigie.is_name(item -> 'name')
            OR coalesce(vigie.int_or_null(item -> 'number') NOT BETWEEN 1 AND 8, true)
        THEN
            RETURN false;
        END IF;
    END LOOP;
    named := (SELECT coalesce(jsonb_agg(p.value -> 'name'), '[]') FROM jsonb_array_elements(content -> 'programmes') AS p);
    FOR item IN SELECT p.value FROM jsonb_array_elements(content -> 'programmes') AS p LOOP
        IF NOT vigie.has_keys(item, ARRAY['name', 'steps']) OR NOT vigie.is_name(item -> 'name')
            OR jsonb_typeof(item -> 'steps') <> 'array' OR jsonb_array_length(item -> 'steps') NOT BETWEEN 1 AND most
            OR EXISTS (
                SELECT FROM jsonb_array_elements(item -> 'steps') AS s
                WHERE NOT vigie.step_is_valid(kind, content -> 'plans', s.value))
        THEN
            RETURN false;
        END IF;
    END LOOP;
    FOR item IN SELECT r.value FROM jsonb_array_elements(content -> 'rules') AS r LOOP
        IF NOT vigie.has_keys(item, ARRAY['programme', 'days', 'from', 'until']) OR jsonb_typeof(item -> 'days') <> 'array'
            OR jsonb_typeof(item -> 'programme') <> 'string' OR NOT named @> (item -> 'programme')
            OR NOT '["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]' @> (item -> 'days')
            OR (item -> 'from' <> 'null' AND vigie.date_or_null(item -> 'from') IS NULL)
            OR (item -> 'until' <> 'null' AND vigie.date_or_null(item -> 'until') IS NULL)
            OR vigie.date_or_null(item -> 'until') < vigie.date_or_null(item -> 'from')
        THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN jsonb_array_length(named) >= 1
        AND (SELECT count(DISTINCT n.value) FROM jsonb_array_elements(named) AS n) = jsonb_array_length(named)
        AND (SELECT count(DISTINCT p.value ->> 'name') FROM jsonb_array_elements(content -> 'plans') AS p)
            = jsonb_array_length(content -> 'plans')
        AND jsonb_typeof(content -> 'default') = 'string' AND named @> (content -> 'default');
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_programme_put(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'programme_id');
    after bigint := vigie.need_int(payload, 'after');
    what text := vigie.need_code(payload, 'programme_kind', 'programme_kind');
    said jsonb := vigie.need_object(payload, 'content');
    known vigie.programme;
BEGIN
    IF NOT vigie.programme_is_valid(what, said) THEN
        PERFORM vigie.malformed('content');
    END IF;
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    SELECT * INTO known FROM vigie.programme p WHERE p.programme_id = id FOR UPDATE;
    IF known.frozen_at IS NOT NULL THEN
        RETURN vigie.refused('programme_in_use', NULL, NULL, id, NULL);
    END IF;
    -- Somebody else wrote in between, or threw it away.
    IF coalesce(known.revision, 0) <> after OR known.kind <> what THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, NULL);
    END IF;
    INSERT INTO vigie.programme AS p (programme_id, revision, kind, content, lowest, person_id, changed_at, frozen_at)
    VALUES (id, after + 1, what, said, vigie.programme_lowest(said), me.person_id, now, NULL)
    ON CONFLICT (programme_id) DO UPDATE SET
        revision = EXCLUDED.revision, content = EXCLUDED.content, lowest = EXCLUDED.lowest, person_id = EXCLUDED.person_id,
        changed_at = EXCLUDED.changed_at;
    PERFORM vigie.void_programme(id);
    RETURN vigie.applied(NULL, id, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_programme_drop(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'programme_id');
    known vigie.programme;
BEGIN
    SELECT * INTO known FROM vigie.programme p WHERE p.programme_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_programme', NULL, NULL, id, NULL);
    END IF;
    IF known.frozen_at IS NOT NULL THEN
        RETURN vigie.refused('programme_in_use', NULL, NULL, id, NULL);
    END IF;
    DELETE FROM vigie.programme p WHERE p.programme_id = id;
    PERFORM vigie.void_programme(id);
    RETURN vigie.applied(NULL, id, NULL);
END $$;

-- What was asked or approved of a programme is not what it says now (R19).
CREATE OR REPLACE FUNCTION vigie.void_programme(id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.approval_request r SET state = 'void', void_reason = 'programme_changed'
    WHERE r.state IN ('asked', 'approved') AND split_part(r.params ->> 'programme', '/', 1) = id::text;
END $$;
