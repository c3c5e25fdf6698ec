-- The procedure of a command (R6 to R9): the core's `command::procedure`, `approval`, `second`, `sole`, `pilot`, in the same
-- order of checks.

CREATE OR REPLACE FUNCTION vigie.limit_of(name text) RETURNS interval
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT l.length FROM vigie.procedure_limit l WHERE l.name = limit_of.name);
END $$;

CREATE OR REPLACE FUNCTION vigie.shift_is_open(id uuid, person uuid, now timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM vigie.shift s
        WHERE s.shift_id = id AND s.person_id = person AND s.closed_at IS NULL AND s.ends_at > now);
END $$;

-- The hold on an object, if it lives: null otherwise.
CREATE OR REPLACE FUNCTION vigie.living_hold(object uuid, now timestamptz) RETURNS vigie.desk_hold
LANGUAGE plpgsql STABLE AS $$
DECLARE
    held vigie.desk_hold;
BEGIN
    SELECT h.* INTO held FROM vigie.desk_hold h JOIN vigie.shift s USING (shift_id)
    WHERE h.equipment_id = object AND h.until >= now AND s.closed_at IS NULL AND s.ends_at > now;
    RETURN held;
END $$;

CREATE OR REPLACE FUNCTION vigie.request_step(state text, event text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT m.to_state FROM vigie.approval_move m WHERE m.from_state = state AND m.event = request_step.event);
END $$;

-- Whether the time of a request is over: asked and not answered, or approved and not used.
CREATE OR REPLACE FUNCTION vigie.request_is_over(req vigie.approval_request, now timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE req.state
        WHEN 'asked' THEN now > req.expires_at
        WHEN 'approved' THEN coalesce(now > req.approval_until, true)
        ELSE false END
$$;

-- Whether a request asks for the same as an order: action, target, length of the effect.
CREATE OR REPLACE FUNCTION vigie.request_asks_the_same(req vigie.approval_request, ord vigie.command) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(req.action = ord.action AND req.params = ord.params
        AND (ord.effect_until - ord.issued_at) IS NOT DISTINCT FROM (req.effect_s * interval '1 second'), false);
END $$;

-- Whether a request is of exactly this command: its one object and the version seen besides.
CREATE OR REPLACE FUNCTION vigie.request_is_of(req vigie.approval_request, ord vigie.command) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN vigie.request_asks_the_same(req, ord) AND req.objects = jsonb_build_array(jsonb_build_object(
        'equipment_id', ord.equipment_id, 'control_version', ord.seen_control_version));
END $$;

-- Whether a request is of exactly this group: its members with the version seen of each.
CREATE OR REPLACE FUNCTION vigie.request_is_of_group(req vigie.approval_request, ord vigie.command, members jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN vigie.request_asks_the_same(req, ord) AND coalesce(
        (SELECT jsonb_object_agg(o.value ->> 'equipment_id', o.value -> 'control_version') FROM jsonb_array_elements(req.objects) AS o)
        = (SELECT jsonb_object_agg(vigie.need_uuid(m.value, 'equipment_id'), m.value -> 'seen' -> 'control_version')
            FROM jsonb_array_elements(members) AS m), false);
END $$;

-- Whether an approval carries what `person` operates (R7): null, or the refusal. `is_it`: it is of exactly that.
CREATE OR REPLACE FUNCTION vigie.approval_refusal(
    req vigie.approval_request, person uuid, is_it boolean, now timestamptz
) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF req.request_id IS NULL OR req.person_id IS DISTINCT FROM person THEN RETURN 'not_approved'; END IF;
    IF req.state = 'used' THEN RETURN 'approval_used'; END IF;
    IF req.state IN ('asked', 'declined') THEN RETURN 'not_approved'; END IF;
    IF req.state IN ('void', 'expired') THEN RETURN 'approval_over'; END IF;
    IF req.approver_id IS NULL OR req.approver_id = person THEN RETURN 'same_person'; END IF;
    IF vigie.request_is_over(req, now) THEN RETURN 'approval_over'; END IF;
    IF NOT is_it THEN RETURN 'approval_differs'; END IF;
    RETURN NULL;
END $$;

-- Whether a second person approved an order, or the group that it is of (`whole`: 'approved', or why not; null for one that
-- is of none): null, or the refusal.
CREATE OR REPLACE FUNCTION vigie.second_refusal(ord vigie.command, whole text, now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    req vigie.approval_request;
BEGIN
    IF whole IS NOT NULL THEN RETURN nullif(whole, 'approved'); END IF;
    IF ord.approval_id IS NULL THEN RETURN 'needs_second_person'; END IF;
    SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = ord.approval_id;
    RETURN vigie.approval_refusal(req, ord.person_id, vigie.request_is_of(req, ord), now);
END $$;

-- An approval is used once, by the whole of what it is of.
CREATE OR REPLACE FUNCTION vigie.use_request(id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.approval_request r
    SET state = vigie.request_step(r.state, 'use'),
        used = (SELECT jsonb_agg(o.value -> 'equipment_id' ORDER BY o.ordinality)
                FROM jsonb_array_elements(r.objects) WITH ORDINALITY AS o)
    WHERE r.request_id = id AND vigie.request_step(r.state, 'use') IS NOT NULL;
END $$;

-- Somebody else who may validate holds a desk.
CREATE OR REPLACE FUNCTION vigie.second_is_present(author uuid, now timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM vigie.shift s JOIN vigie.validator v USING (role)
        WHERE s.person_id <> author AND s.closed_at IS NULL AND s.ends_at > now);
END $$;

-- Whether one person may operate this alone (R8): null, or the refusal.
CREATE OR REPLACE FUNCTION vigie.alone_refusal(
    req vigie.approval_request, ord vigie.command, alone jsonb, act vigie.action, now timestamptz
) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT act.sole_allowed THEN RETURN 'not_alone'; END IF;
    IF vigie.is_blank(alone ->> 'caller') OR char_length(alone ->> 'caller') > 120
        OR vigie.is_blank(alone ->> 'phone') OR char_length(alone ->> 'phone') > 120
    THEN
        RETURN 'caller_needed';
    END IF;
    IF ord.effect_until > ord.issued_at + vigie.limit_of('sole_longest') THEN RETURN 'sole_too_long'; END IF;
    -- It would extend what was an extension already.
    IF EXISTS (
        SELECT FROM vigie.command last
        JOIN vigie.command first ON first.equipment_id = last.equipment_id AND first.command_id <> last.command_id
        WHERE last.equipment_id = ord.equipment_id AND last.sole IS NOT NULL AND first.sole IS NOT NULL
          AND last.state NOT IN ('rejected', 'expired', 'cancelled', 'superseded', 'failed', 'late_failed')
          AND first.state NOT IN ('rejected', 'expired', 'cancelled', 'superseded', 'failed', 'late_failed')
          AND last.issued_at < ord.issued_at AND last.effect_until >= ord.issued_at
          AND first.issued_at < last.issued_at AND first.effect_until >= last.issued_at)
    THEN
        RETURN 'sole_spent';
    END IF;
    IF EXISTS (
        SELECT FROM vigie.approval_request r
        WHERE r.state = 'declined' AND r.person_id = ord.person_id AND r.action = ord.action
          AND r.asked_at >= now - vigie.limit_of('alone_within')
          AND r.objects @> jsonb_build_array(jsonb_build_object('equipment_id', ord.equipment_id)))
    THEN
        RETURN 'declined';
    END IF;
    IF vigie.second_is_present(ord.person_id, now) AND NOT coalesce(
        req.person_id = ord.person_id AND req.state IN ('asked', 'expired') AND req.approver_id IS NULL
        AND now >= req.asked_at + vigie.limit_of('alone_after') AND now <= req.asked_at + vigie.limit_of('alone_within')
        AND vigie.request_is_of(req, ord), false)
    THEN
        RETURN 'second_may_answer';
    END IF;
    RETURN NULL;
END $$;

-- Whether the procedure of an order was kept: null, or the refusal. `whole`: as above.
CREATE OR REPLACE FUNCTION vigie.procedure_refusal(
    ord vigie.command, alone jsonb, whole text, act vigie.action, now timestamptz
) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    hold vigie.desk_hold;
    req vigie.approval_request;
    refusal text;
BEGIN
    IF ord.class = 'A' OR vigie.goes_safe(act, ord.params) THEN RETURN NULL; END IF;
    hold := vigie.living_hold(ord.equipment_id, now);
    IF hold.person_id <> ord.person_id THEN RETURN 'held_by_other_desk'; END IF;
    -- Service on very many objects is counted apart (`over_count`). A programme always takes two (R19).
    IF ord.class <> 'D' AND NOT act.two_people THEN RETURN NULL; END IF;
    IF alone IS NOT NULL THEN
        SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = ord.approval_id;
        refusal := vigie.alone_refusal(req, ord, alone, act, now);
    ELSE
        refusal := vigie.second_refusal(ord, whole, now);
    END IF;
    IF refusal IS NULL AND ord.class = 'D' AND NOT coalesce(
        hold.person_id = ord.person_id AND hold.shift_id = ord.shift_id AND hold.selected_until >= now, false)
    THEN
        refusal := 'not_selected';
    END IF;
    RETURN refusal;
END $$;

-- A request that is open becomes void.
CREATE OR REPLACE FUNCTION vigie.void_request(id uuid, why text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.approval_request r SET state = 'void', void_reason = why
    WHERE r.request_id = id AND vigie.request_step(r.state, 'void') IS NOT NULL;
END $$;

-- What a taken order leaves of its procedure: its approval is used, its desk pilots the object, what was done alone is told.
CREATE OR REPLACE FUNCTION vigie.proceed(ord vigie.command, alone jsonb, act vigie.action, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    req vigie.approval_request;
BEGIN
    IF ord.class = 'A' OR vigie.goes_safe(act, ord.params) THEN RETURN; END IF;
    PERFORM vigie.put_hold(ord.equipment_id, ord.shift_id, ord.person_id, coalesce(ord.effect_until, ord.expires_at), false, now);
    IF alone IS NOT NULL THEN
        PERFORM vigie.void_request(ord.approval_id, 'operated_alone');
        INSERT INTO vigie.sole_review (
            review_id, equipment_id, action, person_id, reason, caller, phone, operated_at, due_at, finding)
        VALUES (
            ord.command_id, ord.equipment_id, ord.action, ord.person_id, ord.sole, alone ->> 'caller', alone ->> 'phone',
            now, now + vigie.limit_of('review_within'), '');
        -- The person on call is told at once.
        INSERT INTO vigie.notice (notice_id, reason, raised_at, command_id)
        VALUES (ord.command_id, 'operated_alone', now, ord.command_id) ON CONFLICT (notice_id) DO NOTHING;
    ELSIF ord.group_id IS NULL AND ord.approval_id IS NOT NULL THEN
        -- That of a group is used by the whole.
        SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = ord.approval_id FOR UPDATE;
        IF req.person_id = ord.person_id AND vigie.request_is_of(req, ord) THEN
            PERFORM vigie.use_request(req.request_id);
        END IF;
    END IF;
END $$;

-- Takes an object for a shift, or until an end. What its desk holds for longer stays so. The caller knows that nobody else
-- holds it.
CREATE OR REPLACE FUNCTION vigie.put_hold(
    object uuid, shift uuid, person uuid, until timestamptz, selects boolean, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    held vigie.desk_hold := vigie.living_hold(object, now);
    mine vigie.shift;
BEGIN
    SELECT * INTO mine FROM vigie.shift s WHERE s.shift_id = shift;
    until := least(coalesce(until, mine.ends_at), mine.ends_at);
    IF held.shift_id IS DISTINCT FROM shift THEN
        held := NULL;
    END IF;
    INSERT INTO vigie.desk_hold AS h (equipment_id, desk_id, shift_id, person_id, since, until, selected_until, live_id)
    VALUES (
        object, mine.desk_id, shift, person, coalesce(held.since, now), greatest(held.until, until),
        CASE WHEN selects THEN now + vigie.limit_of('select_life') ELSE held.selected_until END, held.live_id)
    ON CONFLICT (equipment_id) DO UPDATE SET
        desk_id = EXCLUDED.desk_id, shift_id = EXCLUDED.shift_id, person_id = EXCLUDED.person_id, since = EXCLUDED.since,
        until = EXCLUDED.until, selected_until = EXCLUDED.selected_until, live_id = EXCLUDED.live_id;
END $$;

-- Holds and requests of a shift end with it.
CREATE OR REPLACE FUNCTION vigie.end_procedures_of(shift uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM vigie.desk_hold h WHERE h.shift_id = shift;
    UPDATE vigie.approval_request r SET state = 'void', void_reason = 'shift_over'
    WHERE r.shift_id = shift AND r.state IN ('asked', 'approved');
END $$;

-- What is past its time: said by the house each second. How many rows moved.
CREATE OR REPLACE FUNCTION vigie.end_procedures() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    now timestamptz := vigie.now();
    moved bigint;
    gone bigint;
BEGIN
    WITH over AS (
        SELECT r.request_id FROM vigie.approval_request r
        WHERE r.state IN ('asked', 'approved') AND vigie.request_is_over(r, now)
        ORDER BY r.request_id FOR UPDATE SKIP LOCKED)
    UPDATE vigie.approval_request r SET state = vigie.request_step(r.state, 'expire') FROM over WHERE r.request_id = over.request_id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    WITH over AS (
        SELECT h.equipment_id FROM vigie.desk_hold h LEFT JOIN vigie.shift s USING (shift_id)
        WHERE h.until < now OR s.closed_at IS NOT NULL OR s.ends_at <= now
        ORDER BY h.equipment_id FOR UPDATE OF h SKIP LOCKED)
    DELETE FROM vigie.desk_hold h USING over WHERE h.equipment_id = over.equipment_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    -- The planned end of a shift ends it as well, whoever forgot to leave it.
    UPDATE vigie.approval_request r SET state = 'void', void_reason = 'shift_over'
    WHERE r.state IN ('asked', 'approved') AND NOT vigie.shift_is_open(r.shift_id, r.person_id, now);
    RETURN moved + gone;
END $$;

-- Whatever moves an object's control voids what was approved on the state before (R6).
CREATE OR REPLACE FUNCTION vigie.void_what_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE vigie.approval_request r SET state = 'void', void_reason = 'control_changed'
    WHERE r.state IN ('asked', 'approved') AND NOT r.used ? NEW.equipment_id::text
      AND r.objects @> jsonb_build_array(jsonb_build_object('equipment_id', NEW.equipment_id));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER void_what_moved AFTER UPDATE OF control_version ON vigie.equipment_state
    FOR EACH ROW WHEN (OLD.control_version IS DISTINCT FROM NEW.control_version)
    EXECUTE FUNCTION vigie.void_what_moved();
