-- One order on one object, by itself or as a member of a group: judged, written whatever the answer so that the room sees
-- it, and it supersedes what it replaces.

-- What an order says whatever it is on.
CREATE OR REPLACE FUNCTION vigie.read_order(me vigie.account, payload jsonb, now timestamptz) RETURNS vigie.command
LANGUAGE plpgsql STABLE AS $$
DECLARE
    cmd vigie.command;
BEGIN
    cmd.action := vigie.need_text(payload, 'action');
    cmd.params := vigie.need_object(payload, 'params');
    cmd.issued_at := vigie.at(vigie.need_int(payload, 'issued_at'));
    cmd.expires_at := vigie.at(vigie.need_int(payload, 'expires_at'));
    cmd.effect_until := vigie.at(vigie.may_int(payload, 'effect_until'));
    cmd.shift_id := vigie.need_uuid(payload, 'shift_id');
    PERFORM vigie.need_uuid(payload, 'desk_id');
    cmd.reason := vigie.need_text(payload, 'reason');
    cmd.without_visibility := false;
    cmd.person_id := me.person_id;
    cmd.role := me.role;
    cmd.state_since := now;
    RETURN cmd;
END $$;

-- An earlier form of it.
DROP FUNCTION IF EXISTS vigie.take_command(vigie.account, vigie.command, uuid[], text, timestamptz);

-- `alone`: the words of one who operates alone (R8), or null. `together`: the objects that are asked for with this one, itself included. `of_class`: the class of
-- their group, if they are one; `whole`: whether a second person approved it, as for `second_refusal`.
CREATE OR REPLACE FUNCTION vigie.take_command(
    me vigie.account, cmd vigie.command, together uuid[], of_class text, whole text, alone jsonb, now timestamptz
) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    act vigie.action;
    object vigie.equipment;
    state vigie.equipment_state;
    shift_open boolean;
    refusal text;
    older vigie.command;
BEGIN
    SELECT * INTO object FROM vigie.equipment e WHERE e.equipment_id = cmd.equipment_id;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, cmd.equipment_id, cmd.action);
    END IF;
    -- Only rows loaded from outside can bear the id of a submission that was never made, and only a desk that gives an id
    -- twice that of another command.
    IF EXISTS (SELECT FROM vigie.command c WHERE c.command_id = cmd.command_id) THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, cmd.equipment_id, cmd.action);
    END IF;
    SELECT * INTO act FROM vigie.action a WHERE a.code = cmd.action;
    SELECT * INTO state FROM vigie.equipment_state s WHERE s.equipment_id = cmd.equipment_id FOR UPDATE;
    shift_open := EXISTS (
        SELECT FROM vigie.shift s
        WHERE s.shift_id = cmd.shift_id AND s.person_id = me.person_id AND s.closed_at IS NULL AND s.ends_at > now);
    cmd.class := coalesce(of_class, vigie.classify(act, cmd.params, object, together));
    refusal := coalesce(
        vigie.judge(
            cmd, now, EXISTS (SELECT FROM vigie.pilot_right p WHERE p.kind = object.kind AND p.role = me.role),
            shift_open, act, object.kind, state, alone, whole),
        vigie.over_count(cmd, act, together, whole, now));
    cmd.state := CASE WHEN refusal IS NULL THEN 'accepted' WHEN refusal = 'expired' THEN 'expired' ELSE 'rejected' END;
    cmd.detail := refusal;

    -- An account without a person (a program's) cannot be the author of a row.
    IF me.person_id IS NOT NULL THEN
        IF refusal IS NULL AND act.class <> 'A' THEN
            -- Locked, since a gateway takes commands without their objects: what it has taken meanwhile has left.
            FOR older IN
                SELECT c.* FROM vigie.command c JOIN vigie.action a ON a.code = c.action
                WHERE c.equipment_id = cmd.equipment_id AND c.state = 'accepted' AND a.class <> 'A'
                ORDER BY c.command_id FOR UPDATE OF c
            LOOP
                PERFORM vigie.move_command(older, 'superseded', now, 'metropolis', NULL);
            END LOOP;
        END IF;
        INSERT INTO vigie.command (
            command_id, equipment_id, action, class, params, person_id, role, shift_id, reason, issued_at, expires_at,
            effect_until, seen_control_version, without_visibility, state, state_since, detail, effect, group_id,
            approval_id, sole)
        VALUES (
            cmd.command_id, cmd.equipment_id, cmd.action, cmd.class, cmd.params, cmd.person_id, cmd.role, cmd.shift_id,
            cmd.reason, cmd.issued_at, cmd.expires_at, cmd.effect_until, cmd.seen_control_version,
            cmd.without_visibility, cmd.state, cmd.state_since, cmd.detail, NULL, cmd.group_id,
            cmd.approval_id, cmd.sole);
        PERFORM vigie.write_event(cmd.command_id, now, 'submitted', cmd.state, 'metropolis', refusal);
    END IF;

    IF refusal IS NULL THEN
        PERFORM vigie.freeze_programme(act, cmd.params, now);
        PERFORM vigie.proceed(cmd, alone, act, now);
        RETURN vigie.applied(cmd.state, cmd.equipment_id, cmd.action);
    END IF;
    RETURN vigie.refused(
        refusal, cmd.state,
        CASE refusal
            WHEN 'control_changed' THEN
                jsonb_build_object('control_version', state.control_version, 'reading', state.reading)
            WHEN 'crew_lock' THEN (
                SELECT vigie.lock_in_short(l)
                FROM vigie.stopping(cmd.equipment_id, act.class = 'A', vigie.goes_safe(act, cmd.params)) AS l)
        END,
        cmd.equipment_id, cmd.action);
END $$;
