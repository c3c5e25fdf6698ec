-- The rules of alarms that the program brings: new ones come, those that nobody adapted here follow it.
INSERT INTO vigie.alarm_rule AS present
    (rule_id, code, kind, priority, delay_s, condition, scope, yields, explains, enabled, adapted)
SELECT w.rule_id, w.code, w.kind, w.priority, w.delay_s, w.condition, w.scope, w.yields, w.explains, w.enabled, w.adapted
FROM jsonb_populate_recordset(NULL::vigie.alarm_rule, $1::text::jsonb) w
ON CONFLICT (rule_id) DO UPDATE SET
    code = EXCLUDED.code, kind = EXCLUDED.kind, priority = EXCLUDED.priority, delay_s = EXCLUDED.delay_s,
    condition = EXCLUDED.condition, scope = EXCLUDED.scope, yields = EXCLUDED.yields, explains = EXCLUDED.explains,
    enabled = EXCLUDED.enabled
WHERE NOT present.adapted
  AND (present.code, present.kind, present.priority, present.delay_s, present.condition, present.scope, present.yields,
       present.explains, present.enabled)
      IS DISTINCT FROM
      (EXCLUDED.code, EXCLUDED.kind, EXCLUDED.priority, EXCLUDED.delay_s, EXCLUDED.condition, EXCLUDED.scope,
       EXCLUDED.yields, EXCLUDED.explains, EXCLUDED.enabled)
