-- The journal's chain of seals.

-- A row as it is sealed and exported: a JSON array, its fields in this order, as PostgreSQL prints it. Instants in
-- milliseconds, the payload's hash in hexadecimal.
CREATE OR REPLACE FUNCTION vigie.journal_line(j vigie.journal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT json_build_array(
        j.written_xid::text, j.journal_id, vigie.ms(j.at), j.login, j.person_id, j.role, j.kind, j.submission_id, j.subject,
        j.action, j.status, j.code, encode(j.payload_sha256, 'hex'))::text
$$;

-- Seals what no running transaction can come before any more; some thousands of rows a seal. Returns how many were sealed.
CREATE OR REPLACE FUNCTION vigie.seal_journal(held bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    most CONSTANT bigint := 5000;
    -- Taken first: rows below it are all visible to the statements that follow.
    tide xid8 := pg_snapshot_xmin(pg_current_snapshot());
    former vigie.journal_seal;
    below xid8;
    first xid8;
    counted bigint;
    chained bytea;
    total bigint := 0;
BEGIN
    LOOP
        SELECT * INTO former FROM vigie.journal_seal s ORDER BY s.seal_id DESC LIMIT 1;
        SELECT j.written_xid INTO first FROM vigie.journal j
        WHERE j.written_xid >= coalesce(former.below_xid, '0') AND j.written_xid < tide
        ORDER BY j.written_xid, j.journal_id LIMIT 1;
        EXIT WHEN first IS NULL;
        SELECT j.written_xid INTO below FROM vigie.journal j
        WHERE j.written_xid >= first AND j.written_xid < tide
        ORDER BY j.written_xid, j.journal_id OFFSET most LIMIT 1;
        below := coalesce(below, tide);
        IF below = first THEN
            -- One transaction with more rows than that: it is sealed whole.
            below := ((first::text::numeric + 1)::text)::xid8;
        END IF;
        SELECT count(*), sha256(coalesce(former.sha256, '') || convert_to(
            string_agg(vigie.journal_line(j) || E'\n', '' ORDER BY j.written_xid, j.journal_id), 'UTF8'))
        INTO counted, chained
        FROM vigie.journal j WHERE j.written_xid >= first AND j.written_xid < below;
        INSERT INTO vigie.journal_seal (seal_id, below_xid, rows, sha256, sealed_at, term)
        VALUES (coalesce(former.seal_id, 0) + 1, below, counted, chained, vigie.now(), held);
        total := total + counted;
    END LOOP;
    RETURN total;
END $$;

CREATE OR REPLACE FUNCTION vigie.need_auditor() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT (vigie.is_owner() OR vigie.my_role() IS NOT DISTINCT FROM 'auditor') THEN
        RAISE EXCEPTION 'the journal is read by the auditor' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- The seals, and the journal in the order in which they cover it: for the auditor.
CREATE OR REPLACE FUNCTION vigie.journal_seals() RETURNS SETOF vigie.journal_seal
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_auditor();
    RETURN QUERY SELECT * FROM vigie.journal_seal s ORDER BY s.seal_id;
END $$;

CREATE OR REPLACE FUNCTION vigie.journal_lines() RETURNS TABLE (xid xid8, line text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    PERFORM vigie.need_auditor();
    RETURN QUERY SELECT j.written_xid, vigie.journal_line(j) FROM vigie.journal j ORDER BY j.written_xid, j.journal_id;
END $$;
