-- Whom the metropolis takes the caller for. Always by session_user: the functions that ask run as their owner.

CREATE OR REPLACE FUNCTION vigie.my_account() RETURNS vigie.account
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
    SELECT a FROM vigie.account a WHERE a.login = session_user AND NOT a.locked
$$;

-- What the policies ask, once for each statement: a locked account reads nothing from that moment.
CREATE OR REPLACE FUNCTION vigie.my_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
    SELECT a.role FROM vigie.account a WHERE a.login = session_user AND NOT a.locked
$$;
