-- kind `alarm_report`: what the house says of alarms, in order. Each change said twice is done once (`core::alarm::life`).

-- A new occurrence, after the last one of the same rule on the same object.
CREATE OR REPLACE FUNCTION vigie.raise_alarm(change jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    a vigie.alarm;
    last vigie.alarm;
BEGIN
    a.alarm_id := vigie.need_uuid(change, 'alarm_id');
    a.rule := vigie.need_text(change, 'rule');
    a.equipment_id := vigie.may_uuid(change, 'equipment_id');
    a.source := vigie.may_text(change, 'source');
    a.code := vigie.need_text(change, 'code');
    a.priority := vigie.need_int(change, 'priority');
    a.message := vigie.need_text(change, 'message');
    a.details := vigie.need_object(change, 'details');
    a.raised_at := vigie.at(vigie.need_int(change, 'raised_at'));
    a.cause_id := vigie.may_uuid(change, 'cause_id');
    a.chattering := vigie.need_flag(change, 'chattering');
    a.site := vigie.need_code(change, 'site', 'site_work');
    SELECT * INTO last FROM vigie.alarm t
    WHERE t.rule = a.rule
      AND coalesce(t.equipment_id, '00000000-0000-0000-0000-000000000000') = coalesce(a.equipment_id, '00000000-0000-0000-0000-000000000000')
      AND coalesce(t.source, '') = coalesce(a.source, '') AND t.code = a.code
    ORDER BY t.occurrence DESC LIMIT 1 FOR UPDATE;
    IF last.active OR last.alarm_id = a.alarm_id THEN
        RETURN;
    END IF;
    a.occurrence := coalesce(last.occurrence, 0) + 1;
    a.asked_at := a.raised_at;
    a.active := true;
    a.acknowledged := false;
    a.suspended := coalesce(last.open AND last.suspended AND a.priority >= last.priority, false);
    IF a.suspended THEN
        a.suspended_until := last.suspended_until;
        a.suspended_reason := last.suspended_reason;
        a.suspended_by := last.suspended_by;
    END IF;
    a.escalation := 0;
    a.open := true;
    a.change_xid := pg_current_xact_id();
    IF last.open THEN
        last := vigie.alarm_unshelved(last);
        last.open := false;
        last.closed_at := a.raised_at;
        PERFORM vigie.put_alarm(last);
    END IF;
    -- An identifier that is held already is an older episode said again.
    INSERT INTO vigie.alarm SELECT a.* ON CONFLICT (alarm_id) DO NOTHING;
END $$;

-- What moves an occurrence that is held.
CREATE OR REPLACE FUNCTION vigie.move_alarm(change jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(change, 'alarm_id');
    at timestamptz := vigie.at(vigie.need_int(change, 'at'));
    cause uuid := vigie.may_uuid(change, 'cause_id');
    level bigint := vigie.may_int(change, 'level');
    urgent bigint := vigie.may_int(change, 'priority');
    a vigie.alarm;
BEGIN
    SELECT * INTO a FROM vigie.alarm t WHERE t.alarm_id = id FOR UPDATE;
    CASE change ->> 'change'
        WHEN 'clear' THEN
            IF NOT coalesce(a.active, false) THEN RETURN; END IF;
            a.active := false;
            a.cleared_at := at;
        WHEN 'explain' THEN
            IF NOT coalesce(a.open, false) OR a.cause_id IS NOT DISTINCT FROM cause OR cause = id THEN RETURN; END IF;
            a.cause_id := cause;
            a.asked_at := CASE WHEN cause IS NULL THEN at ELSE a.asked_at END;
        WHEN 'upgrade' THEN
            IF urgent IS NULL THEN PERFORM vigie.malformed('priority'); END IF;
            IF NOT coalesce(a.open, false) OR urgent >= a.priority OR urgent NOT BETWEEN 1 AND 3 THEN RETURN; END IF;
            a := vigie.alarm_unshelved(a);
            a.priority := urgent;
            a.acknowledged := false;
            a.acked_at := NULL;
            a.acked_by := NULL;
            a.acked_desk := NULL;
            a.asked_at := at;
            a.escalation := 0;
            a.escalated_at := NULL;
        WHEN 'escalate' THEN
            IF level IS NULL THEN PERFORM vigie.malformed('level'); END IF;
            IF NOT coalesce(a.open, false) OR level <= a.escalation OR level > 2 THEN RETURN; END IF;
            a.escalation := level;
            a.escalated_at := at;
            PERFORM vigie.put_alarm(a);
            RETURN;
        WHEN 'unshelve' THEN
            IF NOT coalesce(a.suspended, false) OR a.suspended_until > at THEN RETURN; END IF;
            a := vigie.alarm_unshelved(a);
            a.asked_at := at;
    END CASE;
    PERFORM vigie.put_alarm(vigie.alarm_settled(a, at));
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_alarm_report(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    change jsonb;
BEGIN
    IF NOT vigie.speaks_for_the_house() THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, NULL, NULL);
    END IF;
    IF jsonb_typeof(payload -> 'changes') IS DISTINCT FROM 'array' THEN
        PERFORM vigie.malformed('changes');
    END IF;
    FOR change IN
        SELECT c.value FROM jsonb_array_elements(payload -> 'changes') WITH ORDINALITY AS c ORDER BY c.ordinality
    LOOP
        CASE change ->> 'change'
            WHEN 'raise' THEN
                PERFORM vigie.raise_alarm(change);
            WHEN 'clear', 'explain', 'upgrade', 'escalate', 'unshelve' THEN
                PERFORM vigie.move_alarm(change);
            WHEN 'notify' THEN
                INSERT INTO vigie.notice (notice_id, reason, alarm_id, raised_at)
                VALUES (vigie.need_uuid(change, 'notice_id'), vigie.need_code(change, 'reason', 'notice_reason'),
                        vigie.need_uuid(change, 'alarm_id'), vigie.at(vigie.need_int(change, 'at')))
                ON CONFLICT (notice_id) DO NOTHING;
            WHEN 'sent' THEN
                UPDATE vigie.notice n SET sent_at = vigie.at(vigie.need_int(change, 'at'))
                WHERE n.notice_id = vigie.need_uuid(change, 'notice_id') AND n.sent_at IS NULL;
            WHEN 'call_off' THEN
                UPDATE vigie.notice n SET over_at = vigie.at(vigie.need_int(change, 'at'))
                WHERE n.notice_id = vigie.need_uuid(change, 'notice_id') AND n.over_at IS NULL;
            ELSE
                PERFORM vigie.malformed('change');
        END CASE;
    END LOOP;
    RETURN vigie.applied(NULL, NULL, NULL);
END $$;
