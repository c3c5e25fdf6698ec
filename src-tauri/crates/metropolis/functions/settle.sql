-- What became of submissions (R14): the first outcome, or *never received*, after which a late arrival is refused. Takes
-- the same lock as submit, so that a race with one in flight has one winner.

CREATE OR REPLACE FUNCTION vigie.settle(ids uuid[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.my_account();
    now timestamptz;
    h bigint;
    id uuid;
    answer jsonb;
    outcomes jsonb := '[]';
BEGIN
    IF me.login IS NULL THEN
        RAISE EXCEPTION 'no account, or a locked one: %', session_user
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'settle in READ COMMITTED' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    FOR h IN SELECT DISTINCT uuid_hash_extended(i, 0) FROM unnest(ids) AS i ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(h);
    END LOOP;
    now := vigie.now();
    FOREACH id IN ARRAY ids LOOP
        SELECT s.outcome INTO answer FROM vigie.submission s WHERE s.submission_id = id;
        IF NOT FOUND THEN
            answer := vigie.outcome(id, ROW('never_received', NULL, NULL, NULL, NULL, NULL)::vigie.verdict, now);
            INSERT INTO vigie.submission (submission_id, kind, outcome, login, received_at)
            VALUES (id, NULL, answer, session_user, now);
            PERFORM vigie.write_journal(me, now, 'settle', id, NULL, NULL, 'never_received', NULL, NULL);
        END IF;
        outcomes := outcomes || jsonb_build_array(answer);
    END LOOP;
    RETURN outcomes;
END $$;
