-- A record of somebody else (R20): signed with a key that is known as his, and deposited by whoever holds the desk where it was
-- written. PostgreSQL has no Ed25519: every reader verifies the signature. Null when it may be deposited.

CREATE OR REPLACE FUNCTION vigie.deposit_refusal(
    me vigie.account, author uuid, desk uuid, key uuid, signature text, now timestamptz
) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN signature IS NULL OR NOT EXISTS (
                SELECT FROM vigie.person_key k WHERE k.key_id = key AND k.person_id = author) THEN 'not_signed'
            WHEN NOT EXISTS (
                SELECT FROM vigie.shift s
                WHERE s.desk_id = desk AND s.person_id = me.person_id AND s.closed_at IS NULL AND s.ends_at > now) THEN 'not_allowed'
        END);
END $$;
