-- kind `alarm_acknowledge`: someone takes an alarm on. It names the occurrence and the priority that he saw.

CREATE OR REPLACE FUNCTION vigie.apply_alarm_acknowledge(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE sql VOLATILE AS $$
    SELECT vigie.handle_alarm(me, 'acknowledge', payload, now)
$$;
