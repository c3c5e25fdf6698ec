-- kind `alarm_assign`: someone gives an alarm to a desk.

CREATE OR REPLACE FUNCTION vigie.apply_alarm_assign(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE sql VOLATILE AS $$
    SELECT vigie.handle_alarm(me, 'assign', payload, now)
$$;
