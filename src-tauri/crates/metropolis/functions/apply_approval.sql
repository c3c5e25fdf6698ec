-- kinds `approval_request`, `approval_answer`, `approval_extend`, `approval_withdraw`, `request_select`: a second natural
-- person approves one command, on one object or on a group (R6, R7). The core's `command::approval`.

CREATE OR REPLACE FUNCTION vigie.apply_approval_request(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    req vigie.approval_request;
    act vigie.action;
    asked record;
    object vigie.equipment;
    about jsonb := CASE WHEN coalesce(jsonb_typeof(payload -> 'about'), 'null') <> 'null' THEN vigie.need_object(payload, 'about') END;
    refusal text;
    shift_open boolean;
    together uuid[];
BEGIN
    req.request_id := vigie.need_uuid(payload, 'request_id');
    req.action := vigie.need_text(payload, 'action');
    req.params := vigie.need_object(payload, 'params');
    req.effect_s := vigie.may_int(payload, 'effect_s');
    req.shift_id := vigie.need_uuid(payload, 'shift_id');
    req.desk_id := vigie.need_uuid(payload, 'desk_id');
    req.reason := vigie.need_text(payload, 'reason');
    req.consequence := vigie.need_object(payload, 'consequence');
    IF jsonb_typeof(payload -> 'objects') IS DISTINCT FROM 'array'
        OR jsonb_array_length(payload -> 'objects') NOT BETWEEN 1 AND 1000
    THEN
        PERFORM vigie.malformed('objects');
    END IF;
    -- Each as the core spells it, and nothing besides.
    SELECT jsonb_agg(jsonb_build_object(
        'equipment_id', vigie.need_uuid(o.value, 'equipment_id'), 'control_version', vigie.need_int(o.value, 'control_version'))
        ORDER BY o.ordinality)
    INTO req.objects FROM jsonb_array_elements(payload -> 'objects') WITH ORDINALITY AS o;
    IF (SELECT count(DISTINCT o.value ->> 'equipment_id') FROM jsonb_array_elements(req.objects) AS o)
        <> jsonb_array_length(req.objects)
    THEN
        PERFORM vigie.malformed('objects');
    END IF;
    IF about IS NOT NULL THEN
        req.about := jsonb_build_object(
            'chosen', vigie.need_code(about, 'chosen', 'chosen_by'), 'chosen_name', vigie.need_text(about, 'chosen_name'),
            'excluded', vigie.need_exclusions(about));
    END IF;
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, req.request_id, req.action);
    END IF;
    shift_open := vigie.shift_is_open(req.shift_id, me.person_id, now);
    SELECT * INTO act FROM vigie.action a WHERE a.code = req.action;
    together := ARRAY(SELECT (o.value ->> 'equipment_id')::uuid FROM jsonb_array_elements(req.objects) AS o);
    req.class := vigie.class_of_group(act, req.params, together);

    FOR asked IN
        SELECT (o.value ->> 'equipment_id')::uuid AS id, (o.value ->> 'control_version')::bigint AS seen
        FROM jsonb_array_elements(req.objects) WITH ORDINALITY AS o ORDER BY o.ordinality
    LOOP
        SELECT * INTO object FROM vigie.equipment e WHERE e.equipment_id = asked.id;
        refusal := CASE
            WHEN object.equipment_id IS NULL THEN 'no_such_object'
            WHEN NOT EXISTS (SELECT FROM vigie.pilot_right p WHERE p.kind = object.kind AND p.role = me.role) THEN 'not_allowed'
            WHEN NOT shift_open THEN 'shift_over'
            WHEN act.kind IS DISTINCT FROM object.kind THEN 'no_such_action'
            WHEN NOT vigie.accepts(act.parameter, req.params) THEN 'bad_parameters'
            WHEN vigie.programme_refusal(act, asked.id, req.params, now) IS NOT NULL
                THEN vigie.programme_refusal(act, asked.id, req.params, now)
            WHEN req.class = 'L' THEN 'not_offered'
            WHEN req.class IN ('A', 'B') THEN 'illegal_event'
            WHEN (act.max_effect IS NULL) <> (req.effect_s IS NULL) OR req.effect_s <= 0
                OR req.effect_s * interval '1 second' > act.max_effect THEN 'effect_unbounded'
            WHEN (SELECT s.control_version FROM vigie.equipment_state s WHERE s.equipment_id = asked.id)
                IS DISTINCT FROM asked.seen THEN 'control_changed'
        END;
        IF refusal IS NOT NULL THEN
            RETURN vigie.refused(refusal, NULL, NULL, req.request_id, req.action);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM vigie.approval_request r WHERE r.request_id = req.request_id) THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, req.request_id, req.action);
    END IF;

    -- One request of an author for an object at a time: the newest.
    PERFORM vigie.void_request(r.request_id, 'replaced')
    FROM vigie.approval_request r
    WHERE r.person_id = me.person_id AND r.state IN ('asked', 'approved') AND EXISTS (
        SELECT FROM jsonb_array_elements(req.objects) AS o
        WHERE r.objects @> jsonb_build_array(jsonb_build_object('equipment_id', o.value -> 'equipment_id')));
    INSERT INTO vigie.approval_request (
        request_id, objects, used, action, params, effect_s, class, consequence, person_id, role, desk_id, shift_id, reason,
        asked_at, expires_at, state, about)
    VALUES (
        req.request_id, req.objects, '[]', req.action, req.params, req.effect_s, req.class, req.consequence, me.person_id,
        me.role, req.desk_id, req.shift_id, req.reason, now, now + vigie.limit_of('ask_life'), 'asked', req.about);
    RETURN vigie.applied(NULL, req.request_id, req.action);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_approval_answer(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'request_id');
    approves boolean := vigie.need_flag(payload, 'approves');
    shift uuid := vigie.may_uuid(payload, 'shift_id');
    req vigie.approval_request;
    who vigie.validator;
    next text;
BEGIN
    SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    SELECT * INTO who FROM vigie.validator v WHERE v.role = me.role;
    IF me.person_id IS NULL OR who.role IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, req.action);
    END IF;
    -- A natural person, whatever the login.
    IF me.person_id = req.person_id THEN
        RETURN vigie.refused('same_person', NULL, NULL, id, req.action);
    END IF;
    IF who.needs_shift AND NOT vigie.shift_is_open(shift, me.person_id, now) THEN
        RETURN vigie.refused('shift_over', NULL, NULL, id, req.action);
    END IF;
    IF vigie.request_is_over(req, now) THEN
        RETURN vigie.refused('approval_over', NULL, NULL, id, req.action);
    END IF;
    next := vigie.request_step(req.state, CASE WHEN approves THEN 'approve' ELSE 'decline' END);
    IF next IS NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, req.action);
    END IF;
    IF approves AND EXISTS (
        SELECT FROM jsonb_array_elements(req.objects) AS o
        LEFT JOIN vigie.equipment_state s ON s.equipment_id = (o.value ->> 'equipment_id')::uuid
        WHERE s.control_version IS DISTINCT FROM (o.value ->> 'control_version')::bigint)
    THEN
        PERFORM vigie.void_request(id, 'control_changed');
        RETURN vigie.refused('control_changed', NULL, NULL, id, req.action);
    END IF;
    UPDATE vigie.approval_request r
    SET state = next, approver_id = me.person_id, approver_role = me.role,
        approved_at = CASE WHEN approves THEN now END,
        approval_until = CASE WHEN approves THEN now + vigie.limit_of('approval_life') END
    WHERE r.request_id = id;
    RETURN vigie.applied(NULL, id, req.action);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_approval_extend(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'request_id');
    req vigie.approval_request;
    until timestamptz;
BEGIN
    SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.person_id IS NULL OR me.person_id NOT IN (req.person_id, coalesce(req.approver_id, req.person_id)) THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, req.action);
    END IF;
    until := least(now + vigie.limit_of('approval_life'), req.approved_at + vigie.limit_of('approval_longest'));
    IF (req.state = 'approved' AND now <= req.approval_until AND until > req.approval_until) IS NOT TRUE THEN
        RETURN vigie.refused('approval_over', NULL, NULL, id, req.action);
    END IF;
    UPDATE vigie.approval_request r SET approval_until = until WHERE r.request_id = id;
    RETURN vigie.applied(NULL, id, req.action);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_approval_withdraw(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'request_id');
    why text := vigie.need_code(payload, 'reason', 'void_reason');
    req vigie.approval_request;
BEGIN
    -- The others are the metropolis's to say.
    IF why NOT IN ('withdrawn', 'consequence_changed', 'clock_jump', 'session_suspended') THEN
        PERFORM vigie.malformed('reason');
    END IF;
    SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.person_id IS DISTINCT FROM req.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, req.action);
    END IF;
    IF vigie.request_step(req.state, 'void') IS NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, req.action);
    END IF;
    PERFORM vigie.void_request(id, why);
    RETURN vigie.applied(NULL, id, req.action);
END $$;

-- All of its objects, or none.
CREATE OR REPLACE FUNCTION vigie.apply_request_select(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'request_id');
    shift uuid := vigie.need_uuid(payload, 'shift_id');
    req vigie.approval_request;
    objects uuid[];
BEGIN
    SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.person_id IS DISTINCT FROM req.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, req.action);
    END IF;
    IF NOT vigie.shift_is_open(shift, me.person_id, now) THEN
        RETURN vigie.refused('shift_over', NULL, NULL, id, req.action);
    END IF;
    IF req.state <> 'approved' OR vigie.request_is_over(req, now) THEN
        RETURN vigie.refused('approval_over', NULL, NULL, id, req.action);
    END IF;
    objects := ARRAY(
        SELECT e.equipment_id FROM vigie.equipment e
        WHERE e.equipment_id IN (SELECT (o.value ->> 'equipment_id')::uuid FROM jsonb_array_elements(req.objects) AS o));
    IF EXISTS (SELECT FROM unnest(objects) AS o(id) WHERE (vigie.living_hold(o.id, now)).person_id <> me.person_id) THEN
        RETURN vigie.refused('held_by_other_desk', NULL, NULL, id, req.action);
    END IF;
    PERFORM vigie.put_hold(o.id, shift, me.person_id, now + vigie.limit_of('select_life'), true, now)
    FROM unnest(objects) AS o(id);
    RETURN vigie.applied(NULL, id, req.action);
END $$;
