-- The house: one program at a time keeps time. A program that was away while another took the seat finds its term past, in
-- the same transaction in which it would have written: what it thought it had to say is refused (fencing).

-- Takes the seat, or keeps it. Null when another holds it.
CREATE OR REPLACE FUNCTION vigie.take_seat(program uuid, lease interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    seat vigie.house_seat;
BEGIN
    PERFORM vigie.need_house();
    SELECT * INTO seat FROM vigie.house_seat FOR UPDATE;
    IF seat.until > clock_timestamp() AND seat.holder IS DISTINCT FROM program THEN
        RETURN NULL;
    END IF;
    -- Whoever let his lease end begins a new term, even if nobody sat there meanwhile.
    IF seat.until <= clock_timestamp() OR seat.holder IS NULL THEN
        seat.term := seat.term + 1;
    END IF;
    UPDATE vigie.house_seat s SET holder = program, term = seat.term, until = clock_timestamp() + lease;
    RETURN seat.term;
END $$;

CREATE OR REPLACE FUNCTION vigie.need_house() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF vigie.my_role() IS DISTINCT FROM 'house' THEN
        RAISE EXCEPTION 'only the house keeps time' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Gives the seat back, so that another need not wait for the end of the lease.
CREATE OR REPLACE FUNCTION vigie.leave_seat(held bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_house();
    UPDATE vigie.house_seat s SET holder = NULL, until = '-infinity' WHERE s.term = held;
END $$;

-- Refuses a term that is past. The seat stays as it is until this transaction ends: nobody takes it in between.
CREATE OR REPLACE FUNCTION vigie.need_seat(held bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM vigie.need_house();
    PERFORM FROM vigie.house_seat s WHERE s.term = held AND s.holder IS NOT NULL AND s.until > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'term % is past: another house keeps time', held USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM set_config('vigie.house_term', held::text, true);
END $$;

-- What the house itself says while somebody sits must be said from the seat; a rehearsal that nobody keeps may be played.
CREATE OR REPLACE FUNCTION vigie.speaks_for_the_house() RETURNS boolean
LANGUAGE sql VOLATILE AS $$
    SELECT s.holder IS NULL OR s.until <= clock_timestamp() OR s.term::text = coalesce(current_setting('vigie.house_term', true), '')
    FROM vigie.house_seat s
$$;

-- Submissions of the house, from the seat.
CREATE OR REPLACE FUNCTION vigie.house_submit(held bigint, batch jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_seat(held);
    RETURN vigie.submit(batch);
END $$;

-- Shifts whose end passed: nobody is at that desk any more, whoever forgot to leave it (R13).
CREATE OR REPLACE FUNCTION vigie.close_ended_shifts() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    closed bigint;
BEGIN
    WITH ended AS (
        SELECT s.shift_id FROM vigie.shift s WHERE s.closed_at IS NULL AND s.ends_at <= vigie.now()
        ORDER BY s.shift_id FOR UPDATE SKIP LOCKED)
    UPDATE vigie.shift s SET closed_at = s.ends_at FROM ended WHERE s.shift_id = ended.shift_id;
    GET DIAGNOSTICS closed = ROW_COUNT;
    RETURN closed;
END $$;

-- What the house does by itself each second: effects that did not end, shifts that did, locks that wait, seals.
CREATE OR REPLACE FUNCTION vigie.house_keep(held bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    overdue bigint;
    shifts bigint;
    locks bigint;
    procedures bigint;
    sealed bigint;
BEGIN
    PERFORM vigie.need_seat(held);
    locks := vigie.grant_waiting_locks();
    overdue := vigie.mark_overdue_effects();
    shifts := vigie.close_ended_shifts();
    procedures := vigie.end_procedures() + vigie.end_lapsed_live(vigie.my_account());
    sealed := vigie.seal_journal(held);
    -- Seals are on no workstation: nobody is woken for them.
    IF overdue + shifts + locks + procedures > 0 THEN
        PERFORM vigie.wake();
    END IF;
    RETURN jsonb_build_object('overdue', overdue, 'shifts', shifts, 'sealed', sealed);
END $$;

-- What is past its time: months of history made and removed, tombstones past the horizon. Returns how much went.
CREATE OR REPLACE FUNCTION vigie.house_prune(held bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_seat(held);
    PERFORM vigie.keep_partitions();
    RETURN vigie.prune_history() + vigie.prune_tombstones();
END $$;
