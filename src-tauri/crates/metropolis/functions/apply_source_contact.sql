-- kind `source_contact`: a source was in contact, or why it was not; the first one declares it. The same as the core's
-- `after_contact`: a contact older than what is known changes nothing.

CREATE OR REPLACE FUNCTION vigie.apply_source_contact(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    told vigie.source;
    -- Codes only: neither an address nor a password nor a name passes.
    code_form constant text := '^[a-z0-9_-]{1,60}$';
BEGIN
    told.source_id := vigie.need_uuid(payload, 'source_id');
    told.code := vigie.need_text(payload, 'code');
    told.name := vigie.need_text(payload, 'name');
    told.period_s := vigie.need_int(payload, 'period_s');
    told.tried_at := vigie.at(vigie.need_int(payload, 'at'));
    told.delay_ms := vigie.may_int(payload, 'delay_ms');
    told.error := vigie.may_text(payload, 'error');
    IF jsonb_typeof(payload -> 'covers') IS DISTINCT FROM 'array' THEN
        PERFORM vigie.malformed('covers');
    END IF;
    SELECT coalesce(jsonb_agg(vigie.need_code(jsonb_build_object('kind', k.value), 'kind', 'equipment_kind') ORDER BY k.ordinality), '[]')
    INTO told.covers FROM jsonb_array_elements(payload -> 'covers') WITH ORDINALITY AS k;
    IF told.code !~ code_form OR told.error !~ code_form OR told.period_s < 1 OR told.delay_ms < 0
        OR vigie.is_blank(told.name) OR char_length(told.name) > 200
    THEN
        PERFORM vigie.malformed('source_contact');
    END IF;
    told.contact_at := CASE WHEN told.error IS NULL THEN told.tried_at END;
    told.error_since := CASE WHEN told.error IS NOT NULL THEN told.tried_at END;

    INSERT INTO vigie.source AS s (source_id, code, name, covers, period_s, tried_at, contact_at, delay_ms, error, error_since)
    VALUES (told.source_id, told.code, told.name, told.covers, told.period_s, told.tried_at, told.contact_at,
            told.delay_ms, told.error, told.error_since)
    ON CONFLICT (source_id) DO UPDATE SET
        code = told.code, name = told.name, covers = told.covers, period_s = told.period_s, tried_at = told.tried_at,
        contact_at = coalesce(told.contact_at, s.contact_at),
        delay_ms = CASE WHEN told.error IS NULL THEN told.delay_ms ELSE s.delay_ms END,
        error = told.error,
        error_since = CASE WHEN told.error IS NOT NULL THEN coalesce(s.error_since, told.tried_at) END
    WHERE s.tried_at <= told.tried_at;
    RETURN vigie.applied(NULL, told.source_id, NULL);
END $$;
