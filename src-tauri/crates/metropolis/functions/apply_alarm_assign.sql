-- kind `alarm_assign`: someone gives an alarm to a desk.

CREATE OR REPLACE FUNCTION vigie.apply_alarm_assign(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE sql VOLATILE SET search_path = pg_catalog, vigie, pg_temp AS $$
    SELECT vigie.handle_alarm(me, 'assign', payload, now)
$$;
