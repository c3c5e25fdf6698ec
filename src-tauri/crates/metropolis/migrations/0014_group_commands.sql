-- A command on many objects is one submission: what its members share, what was left out of it, and lists kept for others.

CREATE TABLE vigie.command_group (
    group_id uuid PRIMARY KEY,
    action text NOT NULL,
    class text NOT NULL,
    params jsonb NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    shift_id uuid NOT NULL,
    desk_id uuid NOT NULL,
    reason text NOT NULL,
    chosen text NOT NULL,
    chosen_name text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    effect_until timestamptz,
    members bigint NOT NULL,
    excluded jsonb NOT NULL,
    stopped_at timestamptz,
    stopped_by uuid REFERENCES vigie.person
);
CREATE INDEX command_group_window ON vigie.command_group (issued_at);

CREATE TABLE vigie.saved_group (
    saved_group_id uuid PRIMARY KEY,
    name text NOT NULL,
    members jsonb NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    changed_at timestamptz NOT NULL
);

SELECT vigie.sync_table(name) FROM unnest(ARRAY['command_group', 'saved_group']) AS name;

-- Not a reference: a workstation keeps the one longer than the other.
ALTER TABLE vigie.command ADD COLUMN group_id uuid;
CREATE INDEX command_of_group ON vigie.command (group_id) WHERE group_id IS NOT NULL;
-- R7 counts what one author commanded within ten minutes.
CREATE INDEX command_service_of ON vigie.command (person_id, issued_at) WHERE class = 'C';

-- They take the rest of a group now.
DROP FUNCTION IF EXISTS vigie.neighbours_below(vigie.equipment);
DROP FUNCTION IF EXISTS vigie.classify(vigie.action, jsonb, vigie.equipment);
