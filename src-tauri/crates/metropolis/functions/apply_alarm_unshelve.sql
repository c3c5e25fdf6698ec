-- kind `alarm_unshelve`: someone brings an alarm back into sight before its end.

CREATE OR REPLACE FUNCTION vigie.apply_alarm_unshelve(me vigie.account, sid uuid, payload jsonb, now timestamptz) RETURNS vigie.verdict
LANGUAGE sql VOLATILE AS $$
    SELECT vigie.handle_alarm(me, 'unshelve', payload, now)
$$;
