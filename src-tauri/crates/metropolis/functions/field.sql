-- The field: one program of a gateway's account at a time takes commands. Taking one is written before it is published, so
-- that whatever was taken and not told of is unknown, and is never published again (R14).

CREATE OR REPLACE FUNCTION vigie.need_gateway() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF vigie.my_role() IS DISTINCT FROM 'gateway' THEN
        RAISE EXCEPTION 'only a gateway speaks for the field' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Takes the seat of this account, or keeps it. Null when another program holds it.
CREATE OR REPLACE FUNCTION vigie.take_field_seat(program uuid, lease interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    seat vigie.field_seat;
BEGIN
    PERFORM vigie.need_gateway();
    INSERT INTO vigie.field_seat (login) VALUES (session_user) ON CONFLICT DO NOTHING;
    SELECT * INTO seat FROM vigie.field_seat s WHERE s.login = session_user FOR UPDATE;
    IF seat.until > clock_timestamp() AND seat.holder IS DISTINCT FROM program THEN
        RETURN NULL;
    END IF;
    -- Whoever let his lease end begins a new term, even if nobody sat there meanwhile.
    IF seat.until <= clock_timestamp() OR seat.holder IS NULL THEN
        seat.term := seat.term + 1;
    END IF;
    UPDATE vigie.field_seat s SET holder = program, term = seat.term, until = clock_timestamp() + lease
    WHERE s.login = session_user;
    RETURN seat.term;
END $$;

-- Gives the seat back, so that another need not wait for the end of the lease.
CREATE OR REPLACE FUNCTION vigie.leave_field_seat(held bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_gateway();
    UPDATE vigie.field_seat s SET holder = NULL, until = '-infinity' WHERE s.login = session_user AND s.term = held;
END $$;

-- Refuses a term that is past. The seat stays as it is until this transaction ends.
CREATE OR REPLACE FUNCTION vigie.need_field_seat(held bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM vigie.need_gateway();
    PERFORM FROM vigie.field_seat s
    WHERE s.login = session_user AND s.term = held AND s.holder IS NOT NULL AND s.until > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'term % is past: another program speaks for this gateway', held
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM set_config('vigie.field_term', held::text, true);
END $$;

-- While somebody sits, what becomes of commands is said from the seat; a rehearsal whose field nobody holds may be played.
CREATE OR REPLACE FUNCTION vigie.speaks_for_the_field() RETURNS boolean
LANGUAGE sql VOLATILE AS $$
    SELECT NOT EXISTS (
        SELECT FROM vigie.field_seat s
        WHERE s.login = session_user AND s.holder IS NOT NULL AND s.until > clock_timestamp()
          AND s.term::text IS DISTINCT FROM current_setting('vigie.field_term', true))
$$;

-- What this account took in an earlier term and never told of: it may have left, it may not. Returns how many.
CREATE OR REPLACE FUNCTION vigie.own_up(me vigie.account, held bigint, now timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    cmd vigie.command;
    found bigint := 0;
BEGIN
    FOR cmd IN
        SELECT c.* FROM vigie.command c JOIN vigie.dispatch d USING (command_id)
        WHERE d.login = session_user AND d.term < held AND c.state = 'dispatching'
        ORDER BY c.command_id FOR UPDATE OF c
    LOOP
        PERFORM vigie.move_command(cmd, vigie.step(cmd.state, 'gateway_restart', now, cmd.expires_at), now, me.role, 'gateway_restarted');
        PERFORM vigie.write_journal(me, now, 'progress', NULL, cmd.command_id, cmd.action, 'applied', 'gateway_restarted', NULL);
        found := found + 1;
    END LOOP;
    RETURN found;
END $$;

-- A command as the gateway needs it.
CREATE OR REPLACE FUNCTION vigie.for_the_field(cmd vigie.command) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'command_id', cmd.command_id, 'equipment_id', e.equipment_id, 'reference', e.reference, 'kind', e.kind,
        'action', cmd.action, 'class', cmd.class, 'params', cmd.params, 'issued_at', vigie.ms(cmd.issued_at),
        'expires_at', vigie.ms(cmd.expires_at), 'effect_until', vigie.ms(cmd.effect_until),
        'programme', (
            SELECT jsonb_build_object('kind', p.kind, 'content', p.content)
            FROM vigie.programme_named(cmd.params) AS p WHERE p.programme_id IS NOT NULL))
    FROM vigie.equipment e WHERE e.equipment_id = cmd.equipment_id
$$;

-- Takes commands of these actions and classes, those in the safe direction first (R17), then the oldest: each is `dispatching`
-- once this commits, or expired (R2), or rejected where a crew is on site (R10). Those that are not over, and the metropolis's
-- time.
CREATE OR REPLACE FUNCTION vigie.take_commands(held bigint, actions text[], classes text[], most integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.my_account();
    now timestamptz := vigie.now();
    cmd vigie.command;
    next text;
    changed boolean;
    taken jsonb := '[]';
BEGIN
    PERFORM vigie.need_field_seat(held);
    changed := vigie.own_up(me, held, now) > 0;
    FOR cmd IN
        SELECT c.* FROM vigie.command c LEFT JOIN vigie.action a ON a.code = c.action
        WHERE c.state = 'accepted' AND c.action = ANY (actions) AND c.class = ANY (classes)
        ORDER BY vigie.goes_safe(a, c.params) IS NOT TRUE, c.state_since, c.command_id LIMIT most FOR UPDATE OF c SKIP LOCKED
    LOOP
        next := vigie.step(cmd.state, 'start_dispatch', now, cmd.expires_at);
        IF next = 'dispatching' AND vigie.stopped_by_lock(cmd) THEN
            next := vigie.step(cmd.state, 'reject', now, cmd.expires_at);
        END IF;
        PERFORM vigie.move_command(
            cmd, next, now, me.role, CASE next WHEN 'expired' THEN 'not_dispatched' WHEN 'rejected' THEN 'crew_lock' END);
        PERFORM vigie.write_journal(me, now, 'progress', NULL, cmd.command_id, cmd.action, 'applied', next, NULL);
        changed := true;
        IF next = 'dispatching' THEN
            INSERT INTO vigie.dispatch (command_id, login, term, taken_at) VALUES (cmd.command_id, session_user, held, now);
            taken := taken || jsonb_build_array(vigie.for_the_field(cmd));
        END IF;
    END LOOP;
    IF changed THEN
        PERFORM vigie.wake();
    END IF;
    RETURN jsonb_build_object('at', vigie.ms(now), 'commands', taken);
END $$;

-- Effects of these actions whose end has come and that their device does not end by itself (R3): each is returned once, up
-- to a minute late; from then on it is overdue, an alarm, and asked of a person (R17). Never class D, and never where a crew
-- is on site: its end is held (R10).
CREATE OR REPLACE FUNCTION vigie.take_ends(held bigint, actions text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.my_account();
    now timestamptz := vigie.now();
    cmd vigie.command;
    ends jsonb := '[]';
BEGIN
    PERFORM vigie.need_field_seat(held);
    FOR cmd IN
        SELECT c.* FROM vigie.command c JOIN vigie.dispatch d USING (command_id)
        WHERE c.effect = 'in_force' AND d.end_sent_at IS NULL AND c.action = ANY (actions) AND c.class <> 'D'
          AND c.effect_until <= now AND c.effect_until > now - interval '60 seconds'
          AND NOT EXISTS (SELECT FROM vigie.crew_lock l WHERE l.equipment_id = c.equipment_id AND l.state = 'in_force')
        ORDER BY c.command_id FOR UPDATE OF c SKIP LOCKED
    LOOP
        UPDATE vigie.dispatch d SET end_sent_at = now WHERE d.command_id = cmd.command_id;
        PERFORM vigie.write_journal(me, now, 'end_effect', NULL, cmd.command_id, cmd.action, 'applied', NULL, NULL);
        ends := ends || jsonb_build_array(vigie.for_the_field(cmd));
    END LOOP;
    RETURN ends;
END $$;

-- Submissions of a gateway, from its seat.
CREATE OR REPLACE FUNCTION vigie.field_submit(held bigint, batch jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_field_seat(held);
    RETURN vigie.submit(batch);
END $$;

-- What still waits for the device's word, of what this account published: a gateway that starts again goes on hearing.
CREATE OR REPLACE FUNCTION vigie.awaited(actions text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_gateway();
    RETURN (
        SELECT coalesce(jsonb_agg(vigie.for_the_field(c) ORDER BY d.taken_at), '[]')
        FROM vigie.command c JOIN vigie.dispatch d USING (command_id)
        WHERE d.login = session_user AND c.action = ANY (actions) AND c.state IN ('dispatched', 'unknown')
          AND c.state_since > vigie.now() - interval '1 day');
END $$;

-- The objects of these kinds: what their messages are named after, and what is known of them.
CREATE OR REPLACE FUNCTION vigie.field_objects(kinds text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_gateway();
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'equipment_id', e.equipment_id, 'reference', e.reference, 'kind', e.kind,
            'observed_at', vigie.ms(s.observed_at))), '[]')
        FROM vigie.equipment e LEFT JOIN vigie.equipment_state s USING (equipment_id) WHERE e.kind = ANY (kinds));
END $$;

-- Objects whose source or device is lost, or heard again: what was last seen stays, and is no longer within reach. Says how
-- many changed.
CREATE OR REPLACE FUNCTION vigie.mark_reach(held bigint, objects uuid[], reach text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM vigie.need_field_seat(held);
    IF NOT EXISTS (SELECT FROM vigie.code c WHERE c.list = 'reach' AND c.code = mark_reach.reach) THEN
        RAISE EXCEPTION 'no such reach: %', reach USING ERRCODE = 'invalid_parameter_value';
    END IF;
    WITH met AS (
        SELECT s.equipment_id FROM vigie.equipment_state s
        WHERE s.equipment_id = ANY (objects) AND s.reach IS DISTINCT FROM mark_reach.reach
        ORDER BY s.equipment_id FOR UPDATE)
    UPDATE vigie.equipment_state s SET reach = mark_reach.reach, version = s.version + 1
    FROM met WHERE s.equipment_id = met.equipment_id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed > 0 THEN
        PERFORM vigie.wake();
    END IF;
    RETURN changed;
END $$;
