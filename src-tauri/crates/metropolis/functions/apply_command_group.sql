-- kind `command_group`: one order on many objects, as its author froze it. Each member is judged by itself, as a member of
-- the whole: of its class, among the others. Applied when one was taken; which were not, and why, is in the detail.

-- What was left out, each with its reason.
CREATE OR REPLACE FUNCTION vigie.need_exclusions(payload jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    most CONSTANT bigint := 5000;
    excluded jsonb := payload -> 'excluded';
    member jsonb;
BEGIN
    IF jsonb_typeof(excluded) IS DISTINCT FROM 'array' OR jsonb_array_length(excluded) > most THEN
        PERFORM vigie.malformed('excluded');
    END IF;
    FOR member IN SELECT m.value FROM jsonb_array_elements(excluded) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        PERFORM vigie.need_uuid(member, 'equipment_id'), vigie.need_code(member, 'reason', 'excluded');
    END LOOP;
    RETURN excluded;
END $$;

CREATE OR REPLACE FUNCTION vigie.apply_command_group(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    most CONSTANT bigint := 1000;
    cmd vigie.command := vigie.read_order(me, payload, now);
    members jsonb := payload -> 'members';
    excluded jsonb := vigie.need_exclusions(payload);
    chosen text := vigie.need_code(payload, 'chosen', 'chosen_by');
    chosen_name text := vigie.need_text(payload, 'chosen_name');
    act vigie.action;
    req vigie.approval_request;
    member jsonb;
    together uuid[] := '{}';
    ids uuid[] := '{}';
    class text;
    -- Whether a second person approved it: 'approved', or why not.
    whole text := 'needs_second_person';
    verdict vigie.verdict;
    refused jsonb := '{}';
    first_refusal text;
    taken bigint := 0;
BEGIN
    cmd.group_id := vigie.need_uuid(payload, 'group_id');
    cmd.approval_id := vigie.may_uuid(payload, 'approval_id');
    IF cmd.group_id <> sid OR jsonb_typeof(members) IS DISTINCT FROM 'array' THEN
        PERFORM vigie.malformed('members');
    END IF;
    FOR member IN SELECT m.value FROM jsonb_array_elements(members) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        together := together || vigie.need_uuid(member, 'equipment_id');
        ids := ids || vigie.need_uuid(member, 'command_id');
        PERFORM vigie.need_int(vigie.need_object(member, 'seen'), 'control_version');
    END LOOP;
    IF cardinality(together) NOT BETWEEN 1 AND most
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
    class := vigie.class_of_group(act, cmd.params, together);
    IF cmd.approval_id IS NOT NULL THEN
        SELECT * INTO req FROM vigie.approval_request r WHERE r.request_id = cmd.approval_id FOR UPDATE;
        whole := coalesce(
            vigie.approval_refusal(req, me.person_id, vigie.request_is_of_group(req, cmd, members), now), 'approved');
    END IF;

    IF me.person_id IS NOT NULL THEN
        INSERT INTO vigie.command_group (
            group_id, action, class, params, person_id, role, shift_id, desk_id, reason, chosen, chosen_name, issued_at,
            expires_at, effect_until, members, excluded, stopped_at, stopped_by)
        VALUES (
            cmd.group_id, cmd.action, class, cmd.params, cmd.person_id, cmd.role, cmd.shift_id,
            vigie.need_uuid(payload, 'desk_id'), cmd.reason, chosen, chosen_name, cmd.issued_at, cmd.expires_at,
            cmd.effect_until, cardinality(together), excluded, NULL, NULL);
    END IF;
    FOR member IN SELECT m.value FROM jsonb_array_elements(members) WITH ORDINALITY AS m ORDER BY m.ordinality LOOP
        cmd.command_id := vigie.need_uuid(member, 'command_id');
        cmd.equipment_id := vigie.need_uuid(member, 'equipment_id');
        cmd.seen_control_version := vigie.need_int(member -> 'seen', 'control_version');
        verdict := vigie.take_command(me, cmd, together, class, whole, NULL, now);
        IF verdict.code IS NULL THEN
            taken := taken + 1;
        ELSE
            first_refusal := coalesce(first_refusal, verdict.code);
            refused := refused || jsonb_build_object(cmd.command_id, verdict.code);
        END IF;
    END LOOP;
    IF taken > 0 THEN
        -- Operated once, whatever became of each member.
        IF whole = 'approved' THEN
            PERFORM vigie.use_request(cmd.approval_id);
        END IF;
        RETURN ROW('applied', NULL, NULL, jsonb_build_object('refused', refused), sid, cmd.action)::vigie.verdict;
    END IF;
    RETURN vigie.refused(first_refusal, NULL, jsonb_build_object('refused', refused), sid, cmd.action);
END $$;
