-- kind `command_group`: one order on many objects, as its author froze it. Each member is judged by itself, as a member of
-- the whole: of its class, among the others. Applied when one was taken; which were not, and why, is in the detail.

CREATE OR REPLACE FUNCTION vigie.apply_command_group(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    most CONSTANT bigint := 1000;
    excluded_most CONSTANT bigint := 5000;
    comfort_most CONSTANT bigint := 10;
    cmd vigie.command := vigie.read_order(me, payload, now);
    members jsonb := payload -> 'members';
    excluded jsonb := payload -> 'excluded';
    chosen text := vigie.need_code(payload, 'chosen', 'chosen_by');
    chosen_name text := vigie.need_text(payload, 'chosen_name');
    act vigie.action;
    object vigie.equipment;
    member jsonb;
    together uuid[] := '{}';
    ids uuid[] := '{}';
    whole text;
    verdict vigie.verdict;
    refused jsonb := '{}';
    first_refusal text;
    taken bigint := 0;
BEGIN
    cmd.group_id := vigie.need_uuid(payload, 'group_id');
    IF cmd.group_id <> sid OR jsonb_typeof(members) IS DISTINCT FROM 'array' OR jsonb_typeof(excluded) IS DISTINCT FROM 'array'
    THEN
        PERFORM vigie.malformed('members');
    END IF;
    FOR member IN SELECT m.value FROM jsonb_array_elements(excluded) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        PERFORM vigie.need_uuid(member, 'equipment_id'), vigie.need_code(member, 'reason', 'excluded');
    END LOOP;
    FOR member IN SELECT m.value FROM jsonb_array_elements(members) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        together := together || vigie.need_uuid(member, 'equipment_id');
        ids := ids || vigie.need_uuid(member, 'command_id');
        PERFORM vigie.need_int(vigie.need_object(member, 'seen'), 'control_version');
    END LOOP;
    IF cardinality(together) NOT BETWEEN 1 AND most OR jsonb_array_length(excluded) > excluded_most
        OR (SELECT count(DISTINCT o) FROM unnest(together) AS o) <> cardinality(together)
        OR (SELECT count(DISTINCT i) FROM unnest(ids) AS i) <> cardinality(ids)
    THEN
        PERFORM vigie.malformed('members');
    END IF;
    -- Only rows loaded from outside can bear the id of a submission that was never made.
    IF EXISTS (SELECT FROM vigie.command_group g WHERE g.group_id = sid) THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, sid, cmd.action);
    END IF;

    SELECT * INTO act FROM vigie.action a WHERE a.code = cmd.action;
    FOR object IN SELECT e.* FROM vigie.equipment e WHERE e.equipment_id = ANY (together) LOOP
        whole := greatest(whole, vigie.classify(act, cmd.params, object, together));
    END LOOP;
    whole := CASE WHEN whole = 'B' AND cardinality(together) > comfort_most THEN 'C' ELSE coalesce(whole, 'D') END;

    IF me.person_id IS NOT NULL THEN
        INSERT INTO vigie.command_group (
            group_id, action, class, params, person_id, role, shift_id, desk_id, reason, chosen, chosen_name, issued_at,
            expires_at, effect_until, members, excluded, stopped_at, stopped_by)
        VALUES (
            cmd.group_id, cmd.action, whole, cmd.params, cmd.person_id, cmd.role, cmd.shift_id,
            vigie.need_uuid(payload, 'desk_id'), cmd.reason, chosen, chosen_name, cmd.issued_at, cmd.expires_at,
            cmd.effect_until, cardinality(together), excluded, NULL, NULL);
    END IF;
    FOR member IN SELECT m.value FROM jsonb_array_elements(members) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        cmd.command_id := vigie.need_uuid(member, 'command_id');
        cmd.equipment_id := vigie.need_uuid(member, 'equipment_id');
        cmd.seen_control_version := vigie.need_int(member -> 'seen', 'control_version');
        verdict := vigie.take_command(me, cmd, together, whole, NULL, now);
        IF verdict.code IS NULL THEN
            taken := taken + 1;
        ELSE
            first_refusal := coalesce(first_refusal, verdict.code);
            refused := refused || jsonb_build_object(cmd.command_id, verdict.code);
        END IF;
    END LOOP;
    IF taken > 0 THEN
        RETURN ROW('applied', NULL, NULL, jsonb_build_object('refused', refused), sid, cmd.action)::vigie.verdict;
    END IF;
    RETURN vigie.refused(first_refusal, NULL, jsonb_build_object('refused', refused), sid, cmd.action);
END $$;
