-- Live, held control (class L): the core's `command::live`. A hold is one row of an unlogged table, kept alive by signs that
-- leave no trace; only its begin and its end are journalled. After a crash of the server nothing is held.

-- Which way each axis goes.
CREATE OR REPLACE FUNCTION vigie.need_motion(payload jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    motion jsonb := vigie.need_object(payload, 'motion');
    axis text;
    read jsonb := '{}';
BEGIN
    FOREACH axis IN ARRAY ARRAY['pan', 'tilt', 'zoom'] LOOP
        IF vigie.need_int(motion, axis) NOT BETWEEN -1 AND 1 THEN
            PERFORM vigie.malformed(axis);
        END IF;
        read := read || jsonb_build_object(axis, vigie.need_int(motion, axis));
    END LOOP;
    IF read = '{"pan": 0, "tilt": 0, "zoom": 0}' THEN
        PERFORM vigie.malformed('motion');
    END IF;
    RETURN read;
END $$;

-- Until when a hold lives if nothing more is heard.
CREATE OR REPLACE FUNCTION vigie.live_until(l vigie.live) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN least(l.heard_at + vigie.limit_of('live_life'), l.began_at + vigie.limit_of('live_longest'));
END $$;

-- Why a hold is over, or null.
CREATE OR REPLACE FUNCTION vigie.live_over(l vigie.live, now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (SELECT FROM vigie.stopping(l.equipment_id, false, false)) THEN 'crew_lock'
        WHEN NOT vigie.shift_is_open(l.shift_id, l.person_id, now) THEN 'shift_over'
        WHEN NOT EXISTS (SELECT FROM vigie.desk_hold h WHERE h.equipment_id = l.equipment_id AND h.live_id = l.live_id) THEN 'released'
        WHEN now > l.began_at + vigie.limit_of('live_longest') THEN 'too_long'
        WHEN now > l.heard_at + vigie.limit_of('live_life') THEN 'lapsed'
    END;
END $$;

-- Ends a hold. What its desk held besides stays; the row stays as well, so that a lock knows until when the object may move.
CREATE OR REPLACE FUNCTION vigie.end_live(l vigie.live, why text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE vigie.live t SET over = why WHERE t.equipment_id = l.equipment_id AND t.live_id = l.live_id;
    DELETE FROM vigie.desk_hold h
    WHERE h.equipment_id = l.equipment_id AND h.live_id = l.live_id AND h.until <= l.began_at + vigie.limit_of('live_longest');
    UPDATE vigie.desk_hold h SET live_id = NULL WHERE h.equipment_id = l.equipment_id AND h.live_id = l.live_id;
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_live_begin(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    l vigie.live;
    own vigie.live;
    issued timestamptz := vigie.at(vigie.need_int(payload, 'issued_at'));
    object vigie.equipment;
    refusal text;
BEGIN
    l.live_id := vigie.need_uuid(payload, 'live_id');
    l.equipment_id := vigie.need_uuid(payload, 'equipment_id');
    l.shift_id := vigie.need_uuid(payload, 'shift_id');
    PERFORM vigie.need_uuid(payload, 'desk_id');
    l.motion := vigie.need_motion(payload);
    IF l.live_id <> sid THEN
        PERFORM vigie.malformed('live_id');
    END IF;
    SELECT * INTO object FROM vigie.equipment e WHERE e.equipment_id = l.equipment_id;
    refusal := CASE
        WHEN object.equipment_id IS NULL THEN 'no_such_object'
        WHEN me.person_id IS NULL
            OR NOT EXISTS (SELECT FROM vigie.pilot_right p WHERE p.kind = object.kind AND p.role = me.role) THEN 'not_allowed'
        WHEN NOT vigie.shift_is_open(l.shift_id, me.person_id, now) THEN 'shift_over'
        WHEN NOT EXISTS (SELECT FROM vigie.action a WHERE a.kind = object.kind AND a.class = 'L') THEN 'no_such_action'
        WHEN EXISTS (SELECT FROM vigie.stopping(l.equipment_id, false, false)) THEN 'crew_lock'
        WHEN (vigie.living_hold(l.equipment_id, now)).person_id <> me.person_id THEN 'held_by_other_desk'
        WHEN issued < (SELECT m.epoch_began FROM vigie.metropolis m) THEN 'before_epoch'
        WHEN issued > now + interval '30 seconds' THEN 'clock_skew'
        -- A key that was pressed a while ago may have been let go since.
        WHEN now > issued + (SELECT c.life FROM vigie.command_class c WHERE c.class = 'L') THEN 'expired'
        WHEN NOT EXISTS (
            SELECT FROM vigie.equipment_state s WHERE s.equipment_id = l.equipment_id AND s.reach = 'reachable') THEN 'no_visibility'
    END;
    IF refusal IS NOT NULL THEN
        RETURN vigie.refused(refusal, NULL, NULL, l.equipment_id, NULL);
    END IF;
    -- One person holds one key: the newest.
    FOR own IN SELECT * FROM vigie.live t WHERE t.person_id = me.person_id AND t.over IS NULL ORDER BY t.equipment_id FOR UPDATE LOOP
        PERFORM vigie.end_live(own, 'replaced');
    END LOOP;
    INSERT INTO vigie.live AS t (equipment_id, live_id, person_id, shift_id, seq, motion, began_at, heard_at, over)
    VALUES (l.equipment_id, l.live_id, me.person_id, l.shift_id, 0, l.motion, now, now, NULL)
    ON CONFLICT (equipment_id) DO UPDATE SET
        live_id = EXCLUDED.live_id, person_id = EXCLUDED.person_id, shift_id = EXCLUDED.shift_id, seq = 0,
        motion = EXCLUDED.motion, began_at = EXCLUDED.began_at, heard_at = EXCLUDED.heard_at, over = NULL;
    PERFORM vigie.put_hold(l.equipment_id, l.shift_id, me.person_id, now + vigie.limit_of('live_longest'), false, now);
    UPDATE vigie.desk_hold h SET live_id = l.live_id WHERE h.equipment_id = l.equipment_id;
    RETURN vigie.applied(NULL, l.equipment_id, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_live_end(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'live_id');
    l vigie.live;
BEGIN
    SELECT * INTO l FROM vigie.live t WHERE t.live_id = id FOR UPDATE;
    IF NOT FOUND OR l.over IS NOT NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, l.equipment_id, NULL);
    END IF;
    IF l.person_id IS DISTINCT FROM me.person_id THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, l.equipment_id, NULL);
    END IF;
    PERFORM vigie.end_live(l, 'released');
    RETURN vigie.applied(NULL, l.equipment_id, NULL);
END $$;

-- A sign of life. Null when the hold goes on, or why it is over.
CREATE OR REPLACE FUNCTION vigie.keep_live(id uuid, sign bigint, motion jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.my_account();
    now timestamptz;
    l vigie.live;
    why text;
BEGIN
    SELECT * INTO l FROM vigie.live t WHERE t.live_id = id AND t.person_id = me.person_id FOR UPDATE;
    now := vigie.now();
    IF NOT FOUND THEN
        RETURN 'lapsed';
    END IF;
    IF l.over IS NOT NULL THEN
        RETURN l.over;
    END IF;
    why := vigie.live_over(l, now);
    IF why IS NOT NULL THEN
        PERFORM vigie.end_live(l, why);
        PERFORM vigie.write_journal(me, now, 'live_end', NULL, l.equipment_id, NULL, 'applied', why, NULL);
        PERFORM vigie.wake();
        RETURN why;
    END IF;
    -- One that is doubled or late keeps nothing alive.
    IF sign > l.seq THEN
        UPDATE vigie.live t
        SET seq = sign, heard_at = now, motion = vigie.need_motion(jsonb_build_object('motion', keep_live.motion))
        WHERE t.equipment_id = l.equipment_id;
    END IF;
    RETURN NULL;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;

-- Ends holds that are over and whose desk did not say so; how many.
CREATE OR REPLACE FUNCTION vigie.end_lapsed_live(me vigie.account) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    l vigie.live;
    why text;
    ended bigint := 0;
BEGIN
    FOR l IN SELECT * FROM vigie.live t WHERE t.over IS NULL ORDER BY t.equipment_id FOR UPDATE SKIP LOCKED LOOP
        why := vigie.live_over(l, vigie.now());
        IF why IS NOT NULL THEN
            PERFORM vigie.end_live(l, why);
            PERFORM vigie.write_journal(me, vigie.now(), 'live_end', NULL, l.equipment_id, NULL, 'applied', why, NULL);
            ended := ended + 1;
        END IF;
    END LOOP;
    RETURN ended;
END $$;

-- What is held now on these kinds, for who speaks for the field.
CREATE OR REPLACE FUNCTION vigie.live_now(kinds text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    now timestamptz;
BEGIN
    PERFORM vigie.need_gateway();
    IF NOT vigie.speaks_for_the_field() THEN
        RAISE EXCEPTION 'another program speaks for this gateway' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF NOT EXISTS (SELECT FROM vigie.live t WHERE t.over IS NULL) THEN
        RETURN '[]';
    END IF;
    IF vigie.end_lapsed_live(vigie.my_account()) > 0 THEN
        PERFORM vigie.wake();
    END IF;
    now := vigie.now();
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'live_id', l.live_id, 'equipment_id', l.equipment_id, 'reference', e.reference, 'seq', l.seq, 'motion', l.motion,
            'until', vigie.ms(vigie.live_until(l)), 'for_ms', vigie.ms(vigie.live_until(l)) - vigie.ms(now))
            ORDER BY l.equipment_id), '[]')
        FROM vigie.live l JOIN vigie.equipment e USING (equipment_id)
        WHERE l.over IS NULL AND e.kind = ANY (kinds) AND vigie.live_over(l, now) IS NULL);
END $$;

-- The same from the seat.
CREATE OR REPLACE FUNCTION vigie.take_live(held bigint, kinds text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_field_seat(held);
    RETURN vigie.live_now(kinds);
END $$;
