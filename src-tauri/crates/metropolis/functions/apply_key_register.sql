-- kind `key_register`: a person's public key, registered by himself (R20). Registered again, nothing happens.

CREATE OR REPLACE FUNCTION vigie.apply_key_register(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id uuid := vigie.need_uuid(payload, 'key_id');
    key text := vigie.need_text(payload, 'public_key');
BEGIN
    IF me.person_id IS NULL THEN
        RETURN vigie.refused('not_allowed', NULL, NULL, id, NULL);
    END IF;
    -- 32 bytes in base64; that they are a point of the curve is for who verifies to see.
    IF key !~ '^[A-Za-z0-9+/]{43}=$' THEN
        PERFORM vigie.malformed('public_key');
    END IF;
    INSERT INTO vigie.person_key (key_id, person_id, public_key, registered_at) VALUES (id, me.person_id, key, now)
    ON CONFLICT (key_id) DO NOTHING;
    IF NOT FOUND AND NOT EXISTS (
        SELECT FROM vigie.person_key k WHERE k.key_id = id AND k.person_id = me.person_id AND k.public_key = key)
    THEN
        RETURN vigie.refused('illegal_event', NULL, NULL, id, NULL);
    END IF;
    RETURN vigie.applied(NULL, id, NULL);
END $$;
