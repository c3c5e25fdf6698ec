-- kind `lock_force_lift`: by others than its holder, and only as two natural persons: the first tells of the call to the
-- holder, the second confirms.

CREATE OR REPLACE FUNCTION vigie.apply_lock_force_lift(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'lock_id');
    told jsonb;
    rung_at timestamptz;
    number text;
    said text;
    words text;
    l vigie.crew_lock;
    refusal text;
    verdict vigie.verdict;
BEGIN
    IF coalesce(jsonb_typeof(payload -> 'call'), 'null') <> 'null' THEN
        told := vigie.need_object(payload, 'call');
        rung_at := vigie.at(vigie.need_int(told, 'called_at'));
        number := vigie.need_words(told, 'number');
        said := vigie.need_code(told, 'said', 'holder_said');
        words := vigie.need_words(told, 'words');
    END IF;
    SELECT * INTO l FROM vigie.crew_lock t WHERE t.lock_id = id FOR UPDATE;
    refusal := vigie.lock_refusal(me, l);
    IF refusal IS NOT NULL THEN
        RETURN vigie.refused(refusal, NULL, NULL, id, NULL);
    END IF;
    IF told IS NULL AND l.lift_asked_at IS NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, NULL);
    END IF;
    IF told IS NULL THEN
        IF l.lift_asked_by = me.person_id THEN
            RETURN vigie.refused('same_person', NULL, NULL, id, NULL);
        END IF;
        IF now > l.lift_asked_at + interval '10 minutes' THEN
            RETURN vigie.refused('expired', NULL, NULL, id, NULL);
        END IF;
        RETURN vigie.end_lock(l, me.person_id, 'forced', now);
    END IF;
    IF rung_at > now + interval '30 seconds' THEN
        RETURN vigie.refused('clock_skew', NULL, NULL, id, NULL);
    END IF;
    IF rung_at < now - interval '30 minutes' THEN
        RETURN vigie.refused('expired', NULL, NULL, id, NULL);
    END IF;
    UPDATE vigie.crew_lock t SET
        lift_asked_by = me.person_id, lift_asked_at = now, called_at = rung_at,
        call_number = number, call_said = said, call_words = words
    WHERE t.lock_id = id;
    verdict := vigie.applied(NULL, id, NULL);
    verdict.detail := jsonb_build_object('state', l.state);
    RETURN verdict;
END $$;
