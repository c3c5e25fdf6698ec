-- kind `alarm_shelve`: someone puts an alarm out of sight, until an end and for a reason.

CREATE OR REPLACE FUNCTION vigie.apply_alarm_shelve(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE sql VOLATILE AS $$
    SELECT vigie.handle_alarm(me, 'shelve', payload, now)
$$;
