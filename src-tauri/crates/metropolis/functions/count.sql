-- R7, as `core::command::count`: service is counted over the objects that one author commands.

-- How many objects of a kind an author has commanded as a service within the ten minutes before, with those asked for now.
CREATE OR REPLACE FUNCTION vigie.counted(author uuid, domain text, now timestamptz, together uuid[]) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM (
            SELECT c.equipment_id FROM vigie.command c JOIN vigie.action a ON a.code = c.action
            WHERE c.person_id = author AND c.class = 'C' AND c.issued_at >= now - interval '10 minutes'
              AND c.state NOT IN ('rejected', 'expired', 'cancelled', 'superseded') AND a.kind = domain
              AND NOT vigie.goes_safe(a, c.params)
            UNION
            SELECT unnest(together)) AS reached);
END $$;

-- Why one person alone may not, or null. `whole`: as for `second_refusal`.
CREATE OR REPLACE FUNCTION vigie.over_count(
    cmd vigie.command, act vigie.action, together uuid[], whole text, now timestamptz
) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF cmd.class = 'C' AND NOT vigie.goes_safe(act, cmd.params) AND vigie.counted(cmd.person_id, act.kind, now, together) > 50 THEN
        RETURN vigie.second_refusal(cmd, whole, now);
    END IF;
    RETURN NULL;
END $$;
