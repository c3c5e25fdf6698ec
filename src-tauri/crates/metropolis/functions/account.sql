-- Whom the metropolis takes the caller for. Always by session_user: the functions that ask run as their owner.
--
-- PL/pgSQL keeps the plan of what it asks; a function in SQL that cannot be expanded where it stands is planned again in each
-- statement that calls it, which cost each look of a workstation more than all the indexes that it asked.

CREATE OR REPLACE FUNCTION vigie.my_account() RETURNS vigie.account
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account;
BEGIN
    SELECT a.* INTO me FROM vigie.account a WHERE a.login = session_user AND NOT a.locked;
    RETURN me;
END $$;

-- What the policies ask, once for each statement: a locked account reads nothing from that moment.
CREATE OR REPLACE FUNCTION vigie.my_role() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
BEGIN
    RETURN (SELECT a.role FROM vigie.account a WHERE a.login = session_user AND NOT a.locked);
END $$;
