-- Crew locks as the core moves them (`core::lock`): what they stop, what delays them, what they list.

-- Of the locks on an object the one that stands against an order: one in force first, then the oldest.
CREATE OR REPLACE FUNCTION vigie.stopping(object uuid, reads boolean, safe boolean) RETURNS SETOF vigie.crew_lock
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT * FROM vigie.crew_lock l
    WHERE l.equipment_id = object AND l.over_at IS NULL AND NOT reads AND (l.state = 'in_force' OR NOT safe)
    ORDER BY l.state <> 'in_force', l.received_at, l.lock_id LIMIT 1
$$;

-- The same for a command, when its gateway is about to publish it.
CREATE OR REPLACE FUNCTION vigie.stopped_by_lock(cmd vigie.command) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM vigie.action a, vigie.stopping(cmd.equipment_id, a.class = 'A', vigie.goes_safe(a, cmd.params))
        WHERE a.code = cmd.action);
END $$;

-- What whoever is refused needs to know.
CREATE OR REPLACE FUNCTION vigie.lock_in_short(l vigie.crew_lock) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('lock', jsonb_build_object(
        'lock_id', l.lock_id, 'state', l.state, 'holder', l.holder, 'phone', l.phone, 'place', l.place,
        'expected_end', vigie.ms(coalesce(l.extended_to, l.expected_end))))
$$;

-- Whether the outcome of a command on the object is not known yet, or an end that its gateway sent was not seen.
CREATE OR REPLACE FUNCTION vigie.in_flight(object uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM vigie.command c LEFT JOIN vigie.action a ON a.code = c.action
        WHERE c.equipment_id = object AND a.class IS DISTINCT FROM 'A'
          AND c.state IN ('accepted', 'dispatching', 'dispatched', 'executed', 'unknown'))
    OR EXISTS (
        SELECT FROM vigie.command c JOIN vigie.dispatch d USING (command_id)
        WHERE c.equipment_id = object AND c.effect = 'in_force' AND d.end_sent_at IS NOT NULL)
    -- What a key moved a moment ago may still move.
    OR EXISTS (SELECT FROM vigie.live l WHERE l.equipment_id = object AND l.heard_at > vigie.now() - vigie.limit_of('live_stop'));
END $$;

-- The automatic changes to come: Vigie and the gateway hold theirs, the device's own are read to the crew.
CREATE OR REPLACE FUNCTION vigie.coming(object uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(
        jsonb_build_object('command_id', c.command_id, 'action', c.action, 'at', vigie.ms(c.effect_until))
        ORDER BY c.effect_until, c.command_id), '[]')
    FROM vigie.command c
    WHERE c.equipment_id = object AND c.effect IN ('in_force', 'overdue') AND c.effect_until IS NOT NULL
$$;

-- A lock that comes or goes is a change of the object's control (R4).
CREATE OR REPLACE FUNCTION vigie.move_control(object uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.equipment_state s SET version = s.version + 1, control_version = s.control_version + 1
    WHERE s.equipment_id = object;
END $$;

-- Grants what is asked on an object, once nothing is in flight on it. Where another transaction holds the object, that one or
-- the house does it: nobody waits here with a command in hand.
CREATE OR REPLACE FUNCTION vigie.grant_locks(object uuid, now timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid;
    granted bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM vigie.crew_lock l WHERE l.equipment_id = object AND l.over_at IS NULL AND l.state = 'asked') THEN
        RETURN 0;
    END IF;
    PERFORM FROM vigie.equipment_state s WHERE s.equipment_id = object FOR UPDATE SKIP LOCKED;
    IF NOT FOUND AND EXISTS (SELECT FROM vigie.equipment_state s WHERE s.equipment_id = object) THEN
        RETURN 0;
    END IF;
    PERFORM FROM vigie.equipment e WHERE e.equipment_id = object FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND OR vigie.in_flight(object) THEN
        RETURN 0;
    END IF;
    FOR id IN
        SELECT l.lock_id FROM vigie.crew_lock l
        WHERE l.equipment_id = object AND l.over_at IS NULL AND l.state = 'asked' ORDER BY l.lock_id FOR UPDATE
    LOOP
        UPDATE vigie.crew_lock l SET state = 'in_force', granted_at = now, coming = vigie.coming(object) WHERE l.lock_id = id;
        PERFORM vigie.move_control(object);
        PERFORM vigie.write_journal(vigie.my_account(), now, 'lock_grant', NULL, id, NULL, 'applied', 'in_force', NULL);
        granted := granted + 1;
    END LOOP;
    RETURN granted;
END $$;

-- For the house: whatever ended without being told to the lock that waited for it.
CREATE OR REPLACE FUNCTION vigie.grant_waiting_locks() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(sum(vigie.grant_locks(w.equipment_id, vigie.now())), 0)::bigint
    FROM (SELECT DISTINCT l.equipment_id FROM vigie.crew_lock l WHERE l.over_at IS NULL AND l.state = 'asked') w
$$;

-- Nothing but white space, too long, or none: as the core's `says`.
CREATE OR REPLACE FUNCTION vigie.need_words(payload jsonb, key text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    words text := vigie.need_text(payload, key);
BEGIN
    IF vigie.is_blank(words) OR char_length(words) > 200 THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN words;
END $$;

-- Ends a lock; one that was never in force is withdrawn.
CREATE OR REPLACE FUNCTION vigie.end_lock(l vigie.crew_lock, person uuid, how text, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    next text := CASE l.state WHEN 'asked' THEN 'withdrawn' ELSE 'lifted' END;
    verdict vigie.verdict := vigie.applied(NULL, l.lock_id, NULL);
BEGIN
    UPDATE vigie.crew_lock t SET state = next, lifted_by = person, how = end_lock.how, over_at = now
    WHERE t.lock_id = l.lock_id;
    IF next = 'lifted' THEN
        PERFORM vigie.move_control(l.equipment_id);
    END IF;
    verdict.detail := jsonb_build_object('state', next);
    RETURN verdict;
END $$;

-- Why a lock is not moved at all, whoever asks and whatever for: a program asks, there is no such lock, or it is over.
CREATE OR REPLACE FUNCTION vigie.lock_refusal(me vigie.account, l vigie.crew_lock) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
        WHEN me.person_id IS NULL THEN 'not_allowed'
        WHEN l.lock_id IS NULL THEN 'no_such_object'
        WHEN l.over_at IS NOT NULL THEN 'illegal_event'
    END;
END $$;
