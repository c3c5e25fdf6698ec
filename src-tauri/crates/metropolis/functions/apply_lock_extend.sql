-- kind `lock_extend`: the work takes longer, said by whoever asked for the lock.

CREATE OR REPLACE FUNCTION vigie.apply_lock_extend(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'lock_id');
    later timestamptz := vigie.at(vigie.need_int(payload, 'to'));
    l vigie.crew_lock;
    refusal text;
    verdict vigie.verdict := vigie.applied(NULL, id, NULL);
BEGIN
    SELECT * INTO l FROM vigie.crew_lock t WHERE t.lock_id = id FOR UPDATE;
    refusal := vigie.lock_refusal(me, l);
    IF refusal IS NOT NULL THEN
        RETURN vigie.refused(refusal, NULL, NULL, id, NULL);
    END IF;
    IF l.person_id <> me.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    IF later <= now OR later <= coalesce(l.extended_to, l.expected_end) OR later > now + interval '30 days' THEN
        RETURN vigie.refused('bad_parameters', NULL, NULL, id, NULL);
    END IF;
    UPDATE vigie.crew_lock t SET extended_to = later WHERE t.lock_id = id;
    verdict.detail := jsonb_build_object('state', l.state);
    RETURN verdict;
END $$;
