-- kind `lock_lift`: by its holder, at once; one that is not in force is taken back by its author as well.

CREATE OR REPLACE FUNCTION vigie.apply_lock_lift(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'lock_id');
    l vigie.crew_lock;
    refusal text;
BEGIN
    SELECT * INTO l FROM vigie.crew_lock t WHERE t.lock_id = id FOR UPDATE;
    refusal := vigie.lock_refusal(me, l);
    IF refusal IS NOT NULL THEN
        RETURN vigie.refused(refusal, NULL, NULL, id, NULL);
    END IF;
    IF l.person_id <> me.person_id OR NOT (l.by_holder OR l.state = 'asked') THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    RETURN vigie.end_lock(l, me.person_id, 'holder', now);
END $$;
