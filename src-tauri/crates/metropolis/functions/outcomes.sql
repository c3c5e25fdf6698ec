-- What became of one's own submissions, without recording anything: after a failover a desk asks what of all that was
-- confirmed to it the new primary still knows.

CREATE OR REPLACE FUNCTION vigie.outcomes(ids uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    IF vigie.my_role() IS NULL THEN
        RAISE EXCEPTION 'no account, or a locked one: %', session_user
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(s.outcome), '[]') FROM vigie.submission s
        WHERE s.submission_id = ANY (ids) AND s.login = session_user);
END $$;
