-- Reading a payload: what does not have the form of its kind raises a data exception, which the dispatcher answers as
-- `malformed`.

CREATE OR REPLACE FUNCTION vigie.malformed(key text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'malformed: %', key USING ERRCODE = 'invalid_parameter_value';
END $$;

CREATE OR REPLACE FUNCTION vigie.uuid_or_null(value text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN value ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN value::uuid END
$$;

CREATE OR REPLACE FUNCTION vigie.need_uuid(payload jsonb, key text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    value uuid := vigie.uuid_or_null(payload ->> key);
BEGIN
    IF value IS NULL THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN value;
END $$;

CREATE OR REPLACE FUNCTION vigie.may_uuid(payload jsonb, key text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(jsonb_typeof(payload -> key), 'null') <> 'null' THEN vigie.need_uuid(payload, key) END
$$;

CREATE OR REPLACE FUNCTION vigie.need_text(payload jsonb, key text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(payload -> key) IS DISTINCT FROM 'string' THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN payload ->> key;
END $$;

CREATE OR REPLACE FUNCTION vigie.may_text(payload jsonb, key text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(jsonb_typeof(payload -> key), 'null') <> 'null' THEN vigie.need_text(payload, key) END
$$;

CREATE OR REPLACE FUNCTION vigie.need_int(payload jsonb, key text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(payload -> key) IS DISTINCT FROM 'number' OR payload ->> key !~ '^-?[0-9]+$' THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN (payload ->> key)::bigint;
END $$;

CREATE OR REPLACE FUNCTION vigie.may_int(payload jsonb, key text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(jsonb_typeof(payload -> key), 'null') <> 'null' THEN vigie.need_int(payload, key) END
$$;

CREATE OR REPLACE FUNCTION vigie.need_flag(payload jsonb, key text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(payload -> key) IS DISTINCT FROM 'boolean' THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN (payload ->> key)::boolean;
END $$;

CREATE OR REPLACE FUNCTION vigie.need_object(payload jsonb, key text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(payload -> key) IS DISTINCT FROM 'object' THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN payload -> key;
END $$;

CREATE OR REPLACE FUNCTION vigie.need_code(payload jsonb, key text, of text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vigie.code c WHERE c.list = of AND c.code = payload ->> key) THEN
        PERFORM vigie.malformed(key);
    END IF;
    RETURN payload ->> key;
END $$;

-- Nothing but white space, as Unicode and the core's `trim` have it.
CREATE OR REPLACE FUNCTION vigie.is_blank(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT btrim(value, E' \t\n\u000B\u000C\r\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000') = ''
$$;

CREATE OR REPLACE FUNCTION vigie.applied(command_state text, subject uuid, action text) RETURNS vigie.verdict
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW('applied', NULL, command_state, NULL, subject, action)::vigie.verdict
$$;

CREATE OR REPLACE FUNCTION vigie.refused(code text, command_state text, detail jsonb, subject uuid, action text) RETURNS vigie.verdict
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW('refused', code, command_state, detail, subject, action)::vigie.verdict
$$;
