-- The one door for writing. A submission is applied at most once; asked again, it gets its first outcome (R16). Effect,
-- outcome and journal row are one transaction (R15).
--
-- Doors (SECURITY DEFINER) fix the search path for all that they call; what is behind them names its schema and sets none,
-- since each setting is paid at each call. Queries behind them are in PL/pgSQL, which keeps their plans: a function of the
-- language sql is planned anew at each call unless it is expanded where it stands (both measured: five times the whole).

-- The elements of an array; none of anything else.
CREATE OR REPLACE FUNCTION vigie.elements(list jsonb) RETURNS TABLE (value jsonb)
LANGUAGE sql IMMUTABLE AS $$
    SELECT e.value FROM jsonb_array_elements(CASE jsonb_typeof(list) WHEN 'array' THEN list END) AS e
$$;

-- Takes every lock a batch needs, each family in one global order, so that two batches cannot wait for each other:
-- submissions, then their author (R7 counts what he commands), then streets (a third neighbour counts lights of the whole
-- street), then objects. A group takes those of all its members here, as if they were a batch.
CREATE OR REPLACE FUNCTION vigie.lock_batch(batch jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    h bigint;
    objects uuid[];
BEGIN
    FOR h IN
        SELECT DISTINCT uuid_hash_extended(vigie.uuid_or_null(m.value ->> 'submission_id'), 0)
        FROM jsonb_array_elements(batch) AS m
        WHERE vigie.uuid_or_null(m.value ->> 'submission_id') IS NOT NULL ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(h);
    END LOOP;

    IF EXISTS (
        SELECT FROM jsonb_array_elements(batch) AS m
        LEFT JOIN vigie.action a ON a.code = m.value -> 'payload' ->> 'action'
        WHERE m.value ->> 'kind' = 'command_group' OR (m.value ->> 'kind' = 'command' AND a.class = 'C'))
    THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(a.person_id::text, 2)) FROM vigie.account a WHERE a.login = session_user;
    END IF;

    FOR h IN
        SELECT DISTINCT hashtextextended(concat_ws('/', e.insee_code, e.street), 1)
        FROM jsonb_array_elements(batch) AS m
        JOIN vigie.action a ON a.dims AND a.code = m.value -> 'payload' ->> 'action'
        CROSS JOIN LATERAL (
            SELECT m.value -> 'payload' ->> 'equipment_id' AS id
            UNION ALL SELECT o.value ->> 'equipment_id' FROM vigie.elements(m.value -> 'payload' -> 'members') AS o
        ) AS on_it
        JOIN vigie.equipment e ON e.equipment_id = vigie.uuid_or_null(on_it.id)
        WHERE m.value ->> 'kind' IN ('command', 'command_group') ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(h);
    END LOOP;

    SELECT array_agg(DISTINCT o.id) INTO objects FROM (
        SELECT vigie.uuid_or_null(m.value -> 'payload' ->> 'equipment_id') AS id FROM jsonb_array_elements(batch) AS m
        UNION ALL
        SELECT vigie.uuid_or_null(o.value ->> 'equipment_id')
        FROM jsonb_array_elements(batch) AS m, vigie.elements(m.value -> 'payload' -> 'members') AS o
        WHERE m.value ->> 'kind' = 'command_group'
        UNION ALL
        SELECT c.equipment_id FROM jsonb_array_elements(batch) AS m
        JOIN vigie.command c ON c.group_id = vigie.uuid_or_null(m.value -> 'payload' ->> 'group_id')
        WHERE m.value ->> 'kind' = 'command_group_stop'
        UNION ALL
        SELECT c.equipment_id FROM jsonb_array_elements(batch) AS m
        JOIN vigie.command c ON c.command_id = vigie.uuid_or_null(m.value -> 'payload' ->> 'command_id')
        UNION ALL
        SELECT vigie.uuid_or_null(o.value ->> 'equipment_id')
        FROM jsonb_array_elements(batch) AS m
        JOIN vigie.approval_request r ON r.request_id = vigie.uuid_or_null(m.value -> 'payload' ->> 'request_id')
        CROSS JOIN LATERAL vigie.elements(r.objects) AS o
        WHERE m.value ->> 'kind' = 'request_select'
        UNION ALL
        SELECT l.equipment_id FROM jsonb_array_elements(batch) AS m
        JOIN vigie.crew_lock l ON l.lock_id = vigie.uuid_or_null(m.value -> 'payload' ->> 'lock_id')
        UNION ALL
        SELECT vigie.uuid_or_null(s.value ->> 'equipment_id')
        FROM jsonb_array_elements(batch) AS m,
             jsonb_array_elements(CASE jsonb_typeof(m.value -> 'payload' -> 'states') WHEN 'array' THEN m.value -> 'payload' -> 'states' END) AS s
    ) AS o WHERE o.id IS NOT NULL;
    -- Alarms that are handled, and those that the house moves.
    PERFORM FROM vigie.alarm a
        WHERE a.alarm_id IN (
            SELECT vigie.uuid_or_null(m.value -> 'payload' ->> 'alarm_id') FROM jsonb_array_elements(batch) AS m
            UNION ALL
            SELECT vigie.uuid_or_null(c.value ->> 'alarm_id')
            FROM jsonb_array_elements(batch) AS m,
                 jsonb_array_elements(CASE jsonb_typeof(m.value -> 'payload' -> 'changes') WHEN 'array' THEN m.value -> 'payload' -> 'changes' END) AS c)
        ORDER BY a.alarm_id FOR UPDATE;
    PERFORM FROM vigie.equipment_state s WHERE s.equipment_id = ANY (objects) ORDER BY s.equipment_id FOR UPDATE;
    -- What was never seen has no state to lock.
    PERFORM FROM vigie.equipment e
        WHERE e.equipment_id = ANY (objects)
          AND NOT EXISTS (SELECT FROM vigie.equipment_state s WHERE s.equipment_id = e.equipment_id)
        ORDER BY e.equipment_id FOR NO KEY UPDATE;
END $$;

CREATE OR REPLACE FUNCTION vigie.write_journal(
    me vigie.account, now timestamptz, kind text, submission_id uuid, subject uuid, action text, status text, code text, payload text
) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO vigie.journal (at, login, person_id, role, kind, submission_id, subject, action, status, code, payload_sha256)
    VALUES (now, session_user, me.person_id, me.role, kind, submission_id, subject, action, status, code,
            sha256(convert_to(coalesce(payload, ''), 'UTF8')))
    RETURNING journal_id INTO written;
    RETURN written;
END $$;

CREATE OR REPLACE FUNCTION vigie.outcome(submission_id uuid, verdict vigie.verdict, now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'submission_id', submission_id, 'status', verdict.status, 'code', verdict.code,
        'command_state', verdict.command_state, 'detail', verdict.detail, 'at', vigie.ms(now))
$$;

-- Right, then the kind's own file. What does not have its form is refused without failing the rest of the batch.
CREATE OR REPLACE FUNCTION vigie.apply(me vigie.account, sid uuid, kind text, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vigie.submission_right r WHERE r.kind = apply.kind AND r.role = me.role) THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, NULL, NULL);
    END IF;
    RETURN CASE kind
        WHEN 'command' THEN vigie.apply_command(me, sid, payload, now)
        WHEN 'command_group' THEN vigie.apply_command_group(me, sid, payload, now)
        WHEN 'command_group_stop' THEN vigie.apply_command_group_stop(me, sid, payload, now)
        WHEN 'saved_group_put' THEN vigie.apply_saved_group_put(me, sid, payload, now)
        WHEN 'saved_group_drop' THEN vigie.apply_saved_group_drop(me, sid, payload, now)
        WHEN 'programme_put' THEN vigie.apply_programme_put(me, sid, payload, now)
        WHEN 'programme_drop' THEN vigie.apply_programme_drop(me, sid, payload, now)
        WHEN 'zone_put' THEN vigie.apply_zone_put(me, sid, payload, now)
        WHEN 'zone_drop' THEN vigie.apply_zone_drop(me, sid, payload, now)
        WHEN 'command_cancel' THEN vigie.apply_command_cancel(me, sid, payload, now)
        WHEN 'command_close' THEN vigie.apply_command_close(me, sid, payload, now)
        WHEN 'shift_open' THEN vigie.apply_shift_open(me, sid, payload, now)
        WHEN 'shift_close' THEN vigie.apply_shift_close(me, sid, payload, now)
        WHEN 'log_entry' THEN vigie.apply_log_entry(me, sid, payload, now)
        WHEN 'key_register' THEN vigie.apply_key_register(me, sid, payload, now)
        WHEN 'lock_ask' THEN vigie.apply_lock_ask(me, sid, payload, now)
        WHEN 'lock_lift' THEN vigie.apply_lock_lift(me, sid, payload, now)
        WHEN 'lock_extend' THEN vigie.apply_lock_extend(me, sid, payload, now)
        WHEN 'lock_force_lift' THEN vigie.apply_lock_force_lift(me, sid, payload, now)
        WHEN 'alarm_acknowledge' THEN vigie.apply_alarm_acknowledge(me, sid, payload, now)
        WHEN 'alarm_shelve' THEN vigie.apply_alarm_shelve(me, sid, payload, now)
        WHEN 'alarm_unshelve' THEN vigie.apply_alarm_unshelve(me, sid, payload, now)
        WHEN 'alarm_assign' THEN vigie.apply_alarm_assign(me, sid, payload, now)
        WHEN 'alarm_report' THEN vigie.apply_alarm_report(me, sid, payload, now)
        WHEN 'approval_request' THEN vigie.apply_approval_request(me, sid, payload, now)
        WHEN 'approval_answer' THEN vigie.apply_approval_answer(me, sid, payload, now)
        WHEN 'approval_extend' THEN vigie.apply_approval_extend(me, sid, payload, now)
        WHEN 'approval_withdraw' THEN vigie.apply_approval_withdraw(me, sid, payload, now)
        WHEN 'request_select' THEN vigie.apply_request_select(me, sid, payload, now)
        WHEN 'live_begin' THEN vigie.apply_live_begin(me, sid, payload, now)
        WHEN 'live_end' THEN vigie.apply_live_end(me, sid, payload, now)
        WHEN 'object_take' THEN vigie.apply_object_take(me, sid, payload, now)
        WHEN 'object_give' THEN vigie.apply_object_give(me, sid, payload, now)
        WHEN 'object_release' THEN vigie.apply_object_release(me, sid, payload, now)
        WHEN 'sole_review' THEN vigie.apply_sole_review(me, sid, payload, now)
        WHEN 'report' THEN vigie.apply_report(me, sid, payload, now)
        WHEN 'source_contact' THEN vigie.apply_source_contact(me, sid, payload, now)
        WHEN 'flood_bulletin' THEN vigie.apply_flood_bulletin(me, sid, payload, now)
        WHEN 'flood_forecast' THEN vigie.apply_flood_forecast(me, sid, payload, now)
        WHEN 'progress' THEN vigie.apply_progress(me, sid, payload, now)
    END;
EXCEPTION WHEN data_exception OR not_null_violation OR check_violation THEN
    RETURN vigie.refused('malformed', NULL, NULL, NULL, NULL);
END $$;

CREATE OR REPLACE FUNCTION vigie.submit_one(me vigie.account, member jsonb, now timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    sid uuid := vigie.uuid_or_null(member ->> 'submission_id');
    kind text := coalesce(member ->> 'kind', '');
    known boolean := kind IN (
        'command', 'command_group', 'command_group_stop', 'saved_group_put', 'saved_group_drop', 'programme_put',
        'programme_drop', 'zone_put', 'zone_drop', 'command_cancel', 'command_close', 'shift_open', 'shift_close', 'log_entry', 'key_register',
        'lock_ask', 'lock_lift', 'lock_extend', 'lock_force_lift', 'alarm_acknowledge', 'alarm_shelve', 'alarm_unshelve',
        'alarm_assign', 'alarm_report', 'report', 'source_contact',
        'flood_bulletin', 'flood_forecast', 'progress', 'approval_request', 'approval_answer', 'approval_extend', 'approval_withdraw', 'request_select',
        'live_begin', 'live_end', 'object_take', 'object_give', 'object_release', 'sole_review')
        AND coalesce(member -> 'kind_version', '1') = '1';
    verdict vigie.verdict;
    answer jsonb;
BEGIN
    SELECT s.outcome INTO answer FROM vigie.submission s WHERE s.submission_id = sid;
    IF answer ->> 'status' = 'never_received' THEN
        verdict := vigie.refused('after_settle', NULL, NULL, NULL, NULL);
    ELSIF answer IS NOT NULL THEN
        RETURN answer;
    ELSIF sid IS NULL OR jsonb_typeof(member -> 'payload') IS DISTINCT FROM 'object' THEN
        verdict := vigie.refused('malformed', NULL, NULL, NULL, NULL);
    ELSIF me.login IS NULL THEN
        verdict := vigie.refused('no_account', NULL, NULL, NULL, NULL);
    ELSIF NOT known THEN
        verdict := vigie.refused('unknown_kind', NULL, NULL, NULL, NULL);
    ELSIF member -> 'after' <> 'null' AND NOT EXISTS (
        SELECT FROM vigie.submission s
        WHERE s.submission_id = vigie.uuid_or_null(member ->> 'after') AND s.outcome ->> 'status' = 'applied')
    THEN
        -- Nothing overtakes a head that was refused or has not arrived.
        verdict := vigie.refused('behind', NULL, NULL, NULL, NULL);
    ELSE
        verdict := vigie.apply(me, sid, kind, member -> 'payload', now);
    END IF;

    -- A kind this metropolis does not know spells itself: it is no code of ours to keep.
    PERFORM vigie.write_journal(
        me, now, CASE WHEN known THEN kind ELSE 'unknown' END, sid, verdict.subject,
        (SELECT a.code FROM vigie.action a WHERE a.code = verdict.action), verdict.status, verdict.code, member ->> 'payload');
    -- No outcome is final for what an upgrade or an account would change: it waits, in words.
    IF answer IS NULL AND sid IS NOT NULL
        AND coalesce(verdict.code, '') NOT IN ('unknown_kind', 'no_account', 'behind')
    THEN
        INSERT INTO vigie.submission (submission_id, kind, outcome, login, received_at)
        VALUES (sid, CASE WHEN known THEN kind END, vigie.outcome(sid, verdict, now), session_user, now);
    END IF;
    RETURN vigie.outcome(coalesce(sid, '00000000-0000-0000-0000-000000000000'), verdict, now);
END $$;

CREATE OR REPLACE FUNCTION vigie.submit(batch jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp
-- All of it goes by keys: planning again for each value costs a third of the time.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    me vigie.account := vigie.my_account();
    member jsonb;
    now timestamptz;
    outcomes jsonb[] := '{}';
BEGIN
    IF jsonb_typeof(batch) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'a batch is an array of submissions' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- A repeat must see the outcome that another connection has just committed.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'submit in READ COMMITTED' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM vigie.lock_batch(batch);
    -- After the locks: a life must not end while the command waits for its turn.
    now := vigie.now();
    FOR member IN SELECT m.value FROM jsonb_array_elements(batch) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        outcomes := outcomes || vigie.submit_one(me, member, now);
    END LOOP;
    -- Last: what follows a NOTIFY makes others wait.
    PERFORM vigie.wake();
    RETURN to_jsonb(outcomes);
END $$;
