-- Programmes as the core has them (`core::programme`): which is named, how dark it may be, what is gone back to, what an object
-- reports.

-- The programme that parameters name, in the revision that they name: null when it is not there.
CREATE OR REPLACE FUNCTION vigie.programme_named(params jsonb) RETURNS vigie.programme
LANGUAGE plpgsql STABLE AS $$
DECLARE
    named vigie.programme;
BEGIN
    IF params ? 'programme' THEN
        SELECT * INTO named FROM vigie.programme p
        WHERE p.programme_id = vigie.uuid_or_null(split_part(params ->> 'programme', '/', 1))
          AND p.revision::text = split_part(params ->> 'programme', '/', 2);
    END IF;
    RETURN named;
END $$;

-- The lowest level that a programme may leave in force by night, whatever the date: by its steps, less those of the day where
-- each of its nights begins with a step at dusk or before.
CREATE OR REPLACE FUNCTION vigie.programme_lowest(content jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    WITH step AS (
        SELECT p.ordinality AS of, s.value ->> 'from' AS anchor, (s.value ->> 'minutes')::bigint AS minutes,
               (s.value ->> 'level')::bigint AS level
        FROM jsonb_array_elements(content -> 'programmes') WITH ORDINALITY AS p, jsonb_array_elements(p.value -> 'steps') AS s
    ), opened AS (
        SELECT bool_and(o.opens) AS each FROM (
            SELECT bool_or(s.anchor = 'dusk' AND s.minutes <= 0) AS opens FROM step s GROUP BY s.of) AS o
    )
    SELECT min(s.level) FROM step s, opened WHERE NOT opened.each OR NOT (s.anchor = 'dawn' AND s.minutes >= 0)
$$;

-- The level that a command asks of a light, at once or some night.
CREATE OR REPLACE FUNCTION vigie.asked_level(params jsonb) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(vigie.number_at(params, 'level'), (vigie.programme_named(params)).lowest);
END $$;

-- Why the programme that a command names may not be applied to an object, or gone back to: null when it may, or when the
-- command is of no programme.
CREATE OR REPLACE FUNCTION vigie.programme_refusal(act vigie.action, object uuid, params jsonb, now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    held vigie.programme_assignment;
    named vigie.programme;
    name text := params ->> 'programme';
BEGIN
    IF act.parameter ->> 'type' IS DISTINCT FROM 'programme' THEN RETURN NULL; END IF;
    IF act.safe_direction THEN
        SELECT * INTO held FROM vigie.programme_assignment a WHERE a.equipment_id = object;
        IF FOUND THEN
            RETURN CASE WHEN name IS DISTINCT FROM held.former AND name <> held.programme THEN 'not_former' END;
        END IF;
        RETURN CASE WHEN name <> 'own' THEN 'not_former' END;
    END IF;
    named := vigie.programme_named(params);
    IF named.programme_id IS NULL
        OR act.kind <> (CASE named.kind WHEN 'lighting' THEN 'street_light' WHEN 'signals' THEN 'signal_junction' END)
        OR (named.content ->> 'valid_until')::date < (now AT TIME ZONE 'Europe/Paris')::date
    THEN
        RETURN 'no_such_programme';
    END IF;
    RETURN NULL;
END $$;

-- A command for another programme was taken: what it names changes no more.
CREATE OR REPLACE FUNCTION vigie.freeze_programme(act vigie.action, params jsonb, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF act.two_people THEN
        UPDATE vigie.programme p SET frozen_at = now
        WHERE p.frozen_at IS NULL AND p.programme_id = (vigie.programme_named(params)).programme_id;
    END IF;
END $$;

-- An object showed that it took a programme, or its device says so late: it has it now, and may go back to the one before.
CREATE OR REPLACE FUNCTION vigie.assign_programme(cmd vigie.command, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    act vigie.action;
    held vigie.programme_assignment;
    name text := cmd.params ->> 'programme';
BEGIN
    SELECT * INTO act FROM vigie.action a WHERE a.code = cmd.action AND a.parameter ->> 'type' = 'programme';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO held FROM vigie.programme_assignment a WHERE a.equipment_id = cmd.equipment_id FOR UPDATE;
    -- A late answer does not take the place of a newer order.
    IF EXISTS (SELECT FROM vigie.command c WHERE c.command_id = held.command_id AND c.issued_at > cmd.issued_at) THEN
        RETURN;
    END IF;
    IF held.programme = name THEN
        UPDATE vigie.programme_assignment a SET differs_since = NULL
        WHERE a.equipment_id = cmd.equipment_id AND a.differs_since IS NOT NULL;
        RETURN;
    END IF;
    INSERT INTO vigie.programme_assignment AS a (
        equipment_id, programme, former, applied_at, command_id, person_id, approved_by, reverted, differs_since)
    VALUES (
        cmd.equipment_id, name, CASE WHEN NOT act.safe_direction THEN coalesce(held.programme, 'own') END, now,
        cmd.command_id, cmd.person_id,
        (SELECT r.approver_id FROM vigie.approval_request r WHERE r.request_id = cmd.approval_id), act.safe_direction, NULL)
    ON CONFLICT (equipment_id) DO UPDATE SET
        programme = EXCLUDED.programme, former = EXCLUDED.former, applied_at = EXCLUDED.applied_at,
        command_id = EXCLUDED.command_id, person_id = EXCLUDED.person_id, approved_by = EXCLUDED.approved_by,
        reverted = EXCLUDED.reverted, differs_since = NULL;
END $$;

-- What objects report against what was applied to them. One that does not say stays as it is.
CREATE OR REPLACE FUNCTION vigie.compare_programmes(objects uuid[], now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.programme_assignment a
    SET differs_since = CASE WHEN s.reading ->> 'programme' <> a.programme THEN now END
    FROM vigie.equipment_state s
    WHERE s.equipment_id = a.equipment_id AND a.equipment_id = ANY (objects)
      AND jsonb_typeof(s.reading -> 'programme') = 'string'
      AND (s.reading ->> 'programme' <> a.programme) <> (a.differs_since IS NOT NULL);
END $$;
