-- Accounts: who opens, locks and moves them. These run as the metropolis's owner, who alone makes logins: no account has
-- CREATEROLE, with which one gives oneself the server on PostgreSQL 15. They grant Vigie's own groups and nothing else,
-- and touch no login that is more than that.

-- The caller, if he may; the owner may everything.
CREATE OR REPLACE FUNCTION vigie.account_keeper(act text) RETURNS vigie.account
LANGUAGE plpgsql STABLE AS $$
DECLARE
    me vigie.account := vigie.my_account();
BEGIN
    IF NOT (vigie.is_owner() OR EXISTS (SELECT FROM vigie.account_right r WHERE r.act = account_keeper.act AND r.role = me.role)) THEN
        RAISE EXCEPTION 'accounts are not administered by %', coalesce(me.role, session_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN me;
END $$;

CREATE OR REPLACE FUNCTION vigie.is_owner() RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT pg_has_role(session_user, n.nspowner, 'MEMBER') FROM pg_namespace n WHERE n.nspname = 'vigie'
$$;

-- A role that the caller may give, or whose accounts he may touch.
CREATE OR REPLACE FUNCTION vigie.need_givable(role text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vigie.code c WHERE c.list = 'role' AND c.code = role) THEN
        RAISE EXCEPTION 'no such role: %', role USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT (vigie.is_owner() OR EXISTS (SELECT FROM vigie.account_right r WHERE r.act = 'give' AND r.role = need_givable.role)) THEN
        RAISE EXCEPTION 'accounts of role % are the owner''s to administer', role USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- The account of a login, locked for writing, if the caller may touch it.
CREATE OR REPLACE FUNCTION vigie.need_account(login text) RETURNS vigie.account
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found_account vigie.account;
BEGIN
    SELECT a.* INTO found_account FROM vigie.account a WHERE a.login = need_account.login FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', login USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM vigie.need_givable(found_account.role);
    RETURN found_account;
END $$;

-- Only what the client made of a password: in clear it would stand in the server's log and list of statements.
CREATE OR REPLACE FUNCTION vigie.need_verifier(verifier text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/=]{16,}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'a password comes as a SCRAM-SHA-256 verifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;

-- A login of this server that is nothing but a login: it may be in several metropolises. Any other is not ours to touch.
CREATE OR REPLACE FUNCTION vigie.need_plain_login(login text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_roles r
        WHERE r.rolname = login
          AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls OR NOT r.rolcanlogin
               OR r.oid IN (SELECT d.datdba FROM pg_database d)
               OR EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                          WHERE m.member = r.oid AND NOT (g.rolname LIKE 'vigie\_%' AND NOT g.rolcanlogin))))
    THEN
        RAISE EXCEPTION '% is a login of this server with rights of its own: choose another', login
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Puts a login in the group of one role, and in no other of Vigie's.
CREATE OR REPLACE FUNCTION vigie.set_group(login text, role text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    other text;
BEGIN
    EXECUTE format('GRANT %I TO %I', 'vigie_' || role, login);
    FOR other IN
        SELECT g.rolname FROM pg_auth_members m
        JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
        WHERE r.rolname = login AND g.rolname LIKE 'vigie\_%' AND g.rolname <> 'vigie_' || role
    LOOP
        EXECUTE format('REVOKE %I FROM %I', other, login);
    END LOOP;
END $$;

-- Opens an account. Without a verifier the login signs in by certificate or by the directory. A person is named by an
-- identifier that exists or, without one, by a name for a new one; programs have neither. Returns the account's identifier.
CREATE OR REPLACE FUNCTION vigie.account_create(
    login text, verifier text, role text, person_id uuid, display_name text, desk_id uuid
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    me vigie.account := vigie.account_keeper('manage');
    person uuid := person_id;
    made uuid := gen_random_uuid();
BEGIN
    PERFORM vigie.need_givable(role);
    IF login !~ '^[A-Za-z0-9_.-]{1,63}$' OR login ~ '^pg_' OR login IN ('public', 'none') THEN
        RAISE EXCEPTION '% cannot be a login: letters, digits, _, - and . only; not pg_ at its beginning', quote_literal(login)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM vigie.account a WHERE a.login = login) THEN
        RAISE EXCEPTION 'there is an account % already', login USING ERRCODE = 'unique_violation';
    END IF;
    IF verifier IS NOT NULL THEN
        PERFORM vigie.need_verifier(verifier);
    END IF;
    IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = login) THEN
        PERFORM vigie.need_plain_login(login);
        -- It keeps the password that it has in another metropolis of this server, unless the owner gives it one.
        IF verifier IS NOT NULL AND vigie.is_owner() THEN
            EXECUTE format('ALTER ROLE %I PASSWORD %L', login, verifier);
        END IF;
    ELSE
        EXECUTE format('CREATE ROLE %I LOGIN INHERIT NOCREATEROLE NOCREATEDB PASSWORD %L', login, verifier);
    END IF;
    PERFORM vigie.set_group(login, role);
    IF person IS NULL AND NOT vigie.is_blank(coalesce(display_name, '')) THEN
        person := gen_random_uuid();
        INSERT INTO vigie.person (person_id, display_name) VALUES (person, btrim(display_name));
    END IF;
    IF person IS NULL AND role NOT IN ('gateway', 'house') AND NOT vigie.is_owner() THEN
        RAISE EXCEPTION 'an account belongs to a person: give an identifier or a name' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO vigie.account (login, role, person_id, desk_id, account_id) VALUES (login, role, person, desk_id, made);
    PERFORM vigie.write_journal(me, vigie.now(), 'account.create', NULL, made, role, 'applied', NULL, login);
    RETURN made;
END $$;

-- Locks an account or opens it again: at once it reads and submits nothing, whatever connection it holds.
CREATE OR REPLACE FUNCTION vigie.account_lock(login text, locked boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.account_keeper('manage');
    it vigie.account := vigie.need_account(login);
BEGIN
    UPDATE vigie.account a SET locked = account_lock.locked WHERE a.account_id = it.account_id;
    PERFORM vigie.write_journal(
        me, vigie.now(), CASE WHEN locked THEN 'account.lock' ELSE 'account.unlock' END, NULL, it.account_id, it.role, 'applied', NULL, login);
END $$;

-- Gives an account another role: its workstations copy anew what they may read.
CREATE OR REPLACE FUNCTION vigie.account_set_role(login text, role text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.account_keeper('manage');
    it vigie.account := vigie.need_account(login);
BEGIN
    PERFORM vigie.need_givable(role);
    PERFORM vigie.need_plain_login(login);
    PERFORM vigie.set_group(login, role);
    UPDATE vigie.account a SET role = account_set_role.role WHERE a.account_id = it.account_id;
    PERFORM vigie.write_journal(me, vigie.now(), 'account.role', NULL, it.account_id, role, 'applied', NULL, login);
END $$;

CREATE OR REPLACE FUNCTION vigie.account_set_password(login text, verifier text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.account_keeper('manage');
    it vigie.account := vigie.need_account(login);
BEGIN
    PERFORM vigie.need_verifier(verifier);
    PERFORM vigie.need_plain_login(login);
    EXECUTE format('ALTER ROLE %I PASSWORD %L', login, verifier);
    PERFORM vigie.write_journal(me, vigie.now(), 'account.password', NULL, it.account_id, it.role, 'applied', NULL, login);
END $$;

-- Puts an account at a desk and says whose it is; the owner's, when a city is loaded.
CREATE OR REPLACE FUNCTION vigie.account_place(login text, person_id uuid, desk_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
DECLARE
    me vigie.account := vigie.account_keeper('manage');
    it vigie.account := vigie.need_account(login);
BEGIN
    UPDATE vigie.account a SET person_id = account_place.person_id, desk_id = account_place.desk_id
    WHERE a.account_id = it.account_id;
    PERFORM vigie.write_journal(me, vigie.now(), 'account.place', NULL, it.account_id, it.role, 'applied', NULL, login);
END $$;

CREATE OR REPLACE FUNCTION vigie.account_list() RETURNS TABLE (
    login text, role text, person text, desk text, locked boolean, account_id uuid, login_exists boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, vigie, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM vigie.account_keeper('list');
    RETURN QUERY
        SELECT a.login, a.role, p.display_name, d.name, a.locked, a.account_id,
               EXISTS (SELECT FROM pg_roles r WHERE r.rolname = a.login AND r.rolcanlogin)
        FROM vigie.account a LEFT JOIN vigie.person p USING (person_id) LEFT JOIN vigie.desk d USING (desk_id)
        ORDER BY a.login;
END $$;
