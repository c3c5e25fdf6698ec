-- Reads what is not replicated. The journal row comes first, the reason beside it.

CREATE OR REPLACE FUNCTION vigie.fetch(query text, args jsonb, reason text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.my_account();
    entry bigint;
BEGIN
    IF me.login IS NULL THEN
        RAISE EXCEPTION 'no account, or a locked one: %', session_user
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF NOT EXISTS (SELECT FROM vigie.fetch_right f WHERE f.query = $1) THEN
        RAISE EXCEPTION 'unknown query: %', query USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (SELECT FROM vigie.fetch_right f WHERE f.query = $1 AND f.role = me.role) THEN
        RAISE EXCEPTION '% is not read by %', query, me.role USING ERRCODE = 'insufficient_privilege';
    END IF;
    entry := vigie.write_journal(
        me, vigie.now(), 'fetch.' || query, NULL, vigie.uuid_or_null(args ->> 'equipment_id'), NULL, 'applied', NULL, args::text);
    INSERT INTO vigie.fetch_reason (journal_id, reason) VALUES (entry, coalesce($3, ''));
    RETURN CASE query WHEN 'history' THEN vigie.fetch_history(args) END;
END $$;

-- Past states of an object before an instant, newest first.
CREATE OR REPLACE FUNCTION vigie.fetch_history(args jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'history_id', h.history_id, 'equipment_id', h.equipment_id, 'reading', h.reading, 'quality', h.quality,
        'observed_at', vigie.ms(h.observed_at), 'source', h.source, 'mode', h.mode)
        ORDER BY h.observed_at DESC, h.history_id), '[]')
    FROM (
        SELECT * FROM vigie.state_history s
        WHERE s.equipment_id = vigie.need_uuid(args, 'equipment_id')
          AND s.observed_at < coalesce(vigie.at(vigie.may_int(args, 'before')), 'infinity')
        ORDER BY s.observed_at DESC, s.history_id
        LIMIT least(greatest(coalesce(vigie.may_int(args, 'limit'), 100), 0), 1000)) AS h
$$;
