-- kind `lock_ask`: a crew lock, by its author, or by whoever holds the desk where it was written and signed (R10, R20).
-- What has not left for the field and is not in the safe direction is rejected; what is in flight ends first.

CREATE OR REPLACE FUNCTION vigie.apply_lock_ask(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    l vigie.crew_lock;
    known vigie.crew_lock;
    seal jsonb := payload -> 'seal';
    cmd vigie.command;
    refusal text;
    verdict vigie.verdict;
BEGIN
    l.lock_id := vigie.need_uuid(payload, 'lock_id');
    l.equipment_id := vigie.need_uuid(payload, 'equipment_id');
    l.holder := vigie.need_words(payload, 'holder');
    l.phone := vigie.need_words(payload, 'phone');
    l.place := vigie.need_words(payload, 'place');
    l.reason := vigie.need_words(payload, 'reason');
    l.by_holder := vigie.need_flag(payload, 'by_holder');
    l.expected_end := vigie.at(vigie.need_int(payload, 'expected_end'));
    l.written_at := vigie.at(vigie.need_int(payload, 'written_at'));
    l.desk_id := vigie.may_uuid(payload, 'desk_id');
    l.shift_id := vigie.may_uuid(payload, 'shift_id');
    l.person_id := vigie.need_uuid(payload, 'person_id');
    l.role := vigie.need_code(payload, 'role', 'role');
    IF coalesce(jsonb_typeof(seal), 'null') <> 'null' THEN
        l.key_id := vigie.need_uuid(seal, 'key_id');
        l.signature := vigie.need_text(seal, 'signature');
    END IF;
    IF l.expected_end <= l.written_at OR l.expected_end > l.written_at + interval '30 days' THEN
        PERFORM vigie.malformed('expected_end');
    END IF;

    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, l.lock_id, NULL);
    END IF;
    IF l.person_id <> me.person_id THEN
        refusal := vigie.deposit_refusal(me, l.person_id, l.desk_id, l.key_id, l.signature, now);
        IF refusal IS NOT NULL THEN
            RETURN vigie.refused(refusal, NULL, NULL, l.lock_id, NULL);
        END IF;
        l.deposited_by := me.person_id;
    END IF;
    IF NOT EXISTS (SELECT FROM vigie.equipment e WHERE e.equipment_id = l.equipment_id) THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, l.equipment_id, NULL);
    END IF;

    SELECT * INTO known FROM vigie.crew_lock t WHERE t.lock_id = l.lock_id;
    IF known.lock_id IS NULL THEN
        FOR cmd IN
            SELECT c.* FROM vigie.command c JOIN vigie.action a ON a.code = c.action
            WHERE c.equipment_id = l.equipment_id AND c.state = 'accepted'
              AND a.class <> 'A' AND NOT vigie.goes_safe(a, c.params)
            ORDER BY c.command_id FOR UPDATE OF c
        LOOP
            PERFORM vigie.move_command(cmd, vigie.step(cmd.state, 'reject', now, cmd.expires_at), now, 'metropolis', 'crew_lock');
        END LOOP;
        l.state := 'asked';
        l.received_at := now;
        l.coming := '[]';
        l.call_number := '';
        l.call_words := '';
        l.change_xid := pg_current_xact_id();
        INSERT INTO vigie.crew_lock SELECT l.*;
        PERFORM vigie.grant_locks(l.equipment_id, now);
    ELSIF known.person_id <> l.person_id OR known.equipment_id <> l.equipment_id OR known.written_at <> l.written_at THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, l.lock_id, NULL);
    END IF;
    verdict := vigie.applied(NULL, l.lock_id, NULL);
    verdict.detail := (SELECT jsonb_build_object('state', t.state) FROM vigie.crew_lock t WHERE t.lock_id = l.lock_id);
    RETURN verdict;
END $$;
