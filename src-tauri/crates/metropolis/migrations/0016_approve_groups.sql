-- A request may be of a group: by what it was chosen, and what was left out of it. Null for one object.
ALTER TABLE vigie.approval_request ADD COLUMN about jsonb;

-- They take what a second person said of the whole now.
DROP FUNCTION IF EXISTS vigie.approval_refusal(vigie.approval_request, vigie.command, timestamptz);
DROP FUNCTION IF EXISTS vigie.procedure_refusal(vigie.command, jsonb, vigie.action, timestamptz);
DROP FUNCTION IF EXISTS vigie.over_count(vigie.command, vigie.action, uuid[], timestamptz);
DROP FUNCTION IF EXISTS vigie.judge(
    vigie.command, timestamptz, boolean, boolean, vigie.action, text, vigie.equipment_state, jsonb);
DROP FUNCTION IF EXISTS vigie.take_command(vigie.account, vigie.command, uuid[], text, jsonb, timestamptz);
