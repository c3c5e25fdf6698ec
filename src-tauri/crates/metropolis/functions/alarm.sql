-- An occurrence of an alarm as the core moves it (`core::alarm::life`, `core::alarm::handling`): the same transitions.

-- Whether it is open, after its bits moved. What is closed stays closed; what stands under its cause need not be taken.
CREATE OR REPLACE FUNCTION vigie.alarm_settled(a vigie.alarm, at timestamptz) RETURNS vigie.alarm
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    a.open := (a.active OR a.suspended OR NOT (a.acknowledged OR a.cause_id IS NOT NULL)) AND a.closed_at IS NULL;
    a.closed_at := CASE WHEN a.open THEN NULL ELSE coalesce(a.closed_at, at) END;
    RETURN a;
END $$;

CREATE OR REPLACE FUNCTION vigie.alarm_unshelved(a vigie.alarm) RETURNS vigie.alarm
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    a.suspended := false;
    a.suspended_until := NULL;
    a.suspended_reason := NULL;
    a.suspended_by := NULL;
    RETURN a;
END $$;

-- Writes an occurrence as it stands.
CREATE OR REPLACE FUNCTION vigie.put_alarm(a vigie.alarm) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.alarm t SET
        priority = a.priority, asked_at = a.asked_at, active = a.active, cleared_at = a.cleared_at,
        acknowledged = a.acknowledged, acked_at = a.acked_at, acked_by = a.acked_by, acked_desk = a.acked_desk,
        suspended = a.suspended, suspended_until = a.suspended_until, suspended_reason = a.suspended_reason,
        suspended_by = a.suspended_by, assigned_to = a.assigned_to, assigned_at = a.assigned_at,
        assigned_by = a.assigned_by, cause_id = a.cause_id, escalation = a.escalation, escalated_at = a.escalated_at,
        open = a.open, closed_at = a.closed_at
    WHERE t.alarm_id = a.alarm_id;
END $$;

-- Whether another occurrence of the same rule on the same object is open.
CREATE OR REPLACE FUNCTION vigie.alarm_raised_again(a vigie.alarm) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM vigie.alarm t
        WHERE t.rule = a.rule
          AND coalesce(t.equipment_id, '00000000-0000-0000-0000-000000000000') = coalesce(a.equipment_id, '00000000-0000-0000-0000-000000000000')
          AND coalesce(t.source, '') = coalesce(a.source, '') AND t.code = a.code
          AND t.open AND t.alarm_id <> a.alarm_id);
END $$;

-- What a person did with an alarm: judged by the core's order of checks, and kept whatever it came to.
CREATE OR REPLACE FUNCTION vigie.handle_alarm(me vigie.account, kind text, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    act vigie.alarm_act;
    a vigie.alarm;
    verdict vigie.verdict;
BEGIN
    act.act_id := vigie.need_uuid(payload, 'act_id');
    act.alarm_id := vigie.need_uuid(payload, 'alarm_id');
    act.kind := kind;
    act.priority_seen := vigie.need_int(payload, 'priority');
    act.written_at := vigie.at(vigie.need_int(payload, 'written_at'));
    act.desk_id := vigie.may_uuid(payload, 'desk_id');
    act.until := vigie.at(vigie.may_int(payload, 'until'));
    act.reason := CASE WHEN coalesce(jsonb_typeof(payload -> 'reason'), 'null') <> 'null'
        THEN vigie.need_code(payload, 'reason', 'shelve_reason') END;
    act.to_desk := vigie.may_uuid(payload, 'to_desk');
    IF act.priority_seen NOT BETWEEN 1 AND 3
        OR (act.until IS NOT NULL) <> (kind = 'shelve') OR (act.reason IS NOT NULL) <> (kind = 'shelve')
        OR (act.to_desk IS NOT NULL) <> (kind = 'assign')
    THEN
        PERFORM vigie.malformed(kind);
    END IF;
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, act.alarm_id, NULL);
    END IF;
    act.person_id := me.person_id;
    act.role := me.role;
    act.received_at := now;

    SELECT * INTO a FROM vigie.alarm t WHERE t.alarm_id = act.alarm_id FOR UPDATE;
    SELECT t.effect INTO act.effect FROM vigie.alarm_act t WHERE t.act_id = act.act_id;
    IF act.effect IS NULL THEN
        act.effect := CASE
            WHEN a.alarm_id IS NULL THEN 'gone'
            WHEN NOT a.open AND vigie.alarm_raised_again(a) THEN 're_raised'
            WHEN NOT a.open AND kind = 'acknowledge' AND a.acknowledged THEN 'already'
            WHEN NOT a.open THEN 'over'
            WHEN kind <> 'unshelve' AND a.priority < act.priority_seen THEN 'more_urgent'
            WHEN kind = 'acknowledge' AND a.acknowledged THEN 'already'
            WHEN kind = 'shelve' AND act.until <= now THEN 'passed'
            WHEN kind = 'shelve' AND a.priority = 1 AND me.role <> 'supervisor' THEN 'not_by_this_role'
            WHEN kind = 'shelve' AND act.until > now + (SELECT s.longest FROM vigie.shelving s WHERE s.priority = a.priority) THEN 'too_long'
            WHEN kind = 'unshelve' AND NOT a.suspended THEN 'not_shelved'
            WHEN kind = 'assign' AND NOT EXISTS (SELECT FROM vigie.desk d WHERE d.desk_id = act.to_desk) THEN 'no_such_desk'
            ELSE 'done'
        END;
        IF act.effect = 'done' THEN
            CASE kind
                WHEN 'acknowledge' THEN
                    a.acknowledged := true;
                    a.acked_at := act.written_at;
                    a.acked_by := me.person_id;
                    a.acked_desk := act.desk_id;
                WHEN 'shelve' THEN
                    a.suspended := true;
                    a.suspended_until := act.until;
                    a.suspended_reason := act.reason;
                    a.suspended_by := me.person_id;
                WHEN 'unshelve' THEN
                    a := vigie.alarm_unshelved(a);
                    a.asked_at := now;
                WHEN 'assign' THEN
                    a.assigned_to := act.to_desk;
                    a.assigned_at := act.written_at;
                    a.assigned_by := me.person_id;
            END CASE;
            PERFORM vigie.put_alarm(vigie.alarm_settled(a, now));
        END IF;
        act.change_xid := pg_current_xact_id();
        INSERT INTO vigie.alarm_act SELECT act.*;
    END IF;
    verdict := vigie.applied(NULL, act.alarm_id, NULL);
    verdict.detail := jsonb_build_object('effect', act.effect);
    RETURN verdict;
END $$;
