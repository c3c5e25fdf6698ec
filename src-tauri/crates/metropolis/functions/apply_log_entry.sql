-- kind `log_entry`: a line of the log, by its author, or by whoever holds the desk where it was written and signed (R20).
-- The line's own identifier is its key: deposited twice, by whom it may be, it is written once.

CREATE OR REPLACE FUNCTION vigie.apply_log_entry(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    line vigie.log_entry;
    seal jsonb := payload -> 'seal';
    links jsonb := payload -> 'links';
    refusal text;
BEGIN
    line.log_id := vigie.need_uuid(payload, 'log_id');
    line.written_at := vigie.at(vigie.need_int(payload, 'written_at'));
    line.received_at := now;
    line.desk_id := vigie.may_uuid(payload, 'desk_id');
    line.shift_id := vigie.may_uuid(payload, 'shift_id');
    line.sequence := vigie.need_int(payload, 'sequence');
    line.person_id := vigie.need_uuid(payload, 'person_id');
    line.role := vigie.need_code(payload, 'role', 'role');
    line.kind := vigie.need_code(payload, 'kind', 'log_kind');
    line.text := vigie.need_text(payload, 'text');
    line.corrects := vigie.may_uuid(payload, 'corrects');
    IF coalesce(jsonb_typeof(seal), 'null') <> 'null' THEN
        line.key_id := vigie.need_uuid(seal, 'key_id');
        line.signature := vigie.need_text(seal, 'signature');
    END IF;
    IF vigie.is_blank(line.text) OR char_length(line.text) > 4000 OR line.sequence < 1 THEN
        PERFORM vigie.malformed('text');
    END IF;
    IF jsonb_typeof(links) IS DISTINCT FROM 'array' OR jsonb_array_length(links) > 20 THEN
        PERFORM vigie.malformed('links');
    END IF;
    -- Each as the core spells it, and nothing besides.
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'kind', vigie.need_code(l.value, 'kind', 'link_kind'), 'id', vigie.need_uuid(l.value, 'id')) ORDER BY l.ordinality), '[]')
    INTO line.links FROM jsonb_array_elements(links) WITH ORDINALITY AS l;

    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, line.log_id, NULL);
    END IF;
    IF line.person_id <> me.person_id THEN
        refusal := vigie.deposit_refusal(me, line.person_id, line.desk_id, line.key_id, line.signature, now);
        IF refusal IS NOT NULL THEN
            RETURN vigie.refused(refusal, NULL, NULL, line.log_id, NULL);
        END IF;
        line.deposited_by := me.person_id;
    END IF;

    line.change_xid := pg_current_xact_id();
    INSERT INTO vigie.log_entry SELECT line.* ON CONFLICT (log_id) DO NOTHING;
    IF NOT FOUND AND NOT EXISTS (
        SELECT FROM vigie.log_entry e WHERE e.log_id = line.log_id AND e.person_id = line.person_id AND e.text = line.text)
    THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, line.log_id, NULL);
    END IF;
    RETURN vigie.applied(NULL, line.log_id, NULL);
END $$;
