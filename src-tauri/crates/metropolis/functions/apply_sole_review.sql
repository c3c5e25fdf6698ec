-- kind `sole_review`: somebody else looks at what one person did alone (R8), and says what he found.

CREATE OR REPLACE FUNCTION vigie.apply_sole_review(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'review_id');
    found_text text := vigie.need_text(payload, 'finding');
    review vigie.sole_review;
BEGIN
    SELECT * INTO review FROM vigie.sole_review r WHERE r.review_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN vigie.refused('no_such_object', NULL, NULL, id, NULL);
    END IF;
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, review.action);
    END IF;
    IF me.person_id = review.person_id THEN
        RETURN vigie.refused('same_person', NULL, NULL, id, review.action);
    END IF;
    IF vigie.is_blank(found_text) THEN
        RETURN vigie.refused('reason_needed', NULL, NULL, id, review.action);
    END IF;
    IF review.reviewed_at IS NOT NULL THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, review.action);
    END IF;
    UPDATE vigie.sole_review r SET reviewed_at = now, reviewed_by = me.person_id, finding = found_text WHERE r.review_id = id;
    UPDATE vigie.notice n SET over_at = now WHERE n.notice_id = id AND n.over_at IS NULL;
    RETURN vigie.applied(NULL, id, review.action);
END $$;
