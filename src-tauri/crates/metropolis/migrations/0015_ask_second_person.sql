-- The procedure of dangerous commands (R6 to R9): who was asked to approve what, which desk pilots what, and what one person
-- did alone, to be reviewed. A command says under which approval, or why alone.

ALTER TABLE vigie.command ADD COLUMN approval_id uuid, ADD COLUMN sole text;
CREATE INDEX command_alone ON vigie.command (equipment_id) WHERE sole IS NOT NULL;

CREATE TABLE vigie.approval_request (
    request_id uuid PRIMARY KEY,
    -- [{"equipment_id", "control_version"}]: as they were seen. Not references: a request outlives its objects.
    objects jsonb NOT NULL,
    -- [equipment_id]: those whose command was taken.
    used jsonb NOT NULL,
    action text NOT NULL,
    params jsonb NOT NULL,
    effect_s bigint,
    class text NOT NULL,
    consequence jsonb NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    desk_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    reason text NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL,
    approver_id uuid REFERENCES vigie.person,
    approver_role text,
    approved_at timestamptz,
    approval_until timestamptz,
    void_reason text,
    -- Whatever writes here: nobody approves himself (R7).
    CHECK (approver_id <> person_id),
    CHECK (state NOT IN ('approved', 'used') OR (approver_id IS NOT NULL AND approval_until IS NOT NULL)),
    CHECK ((state = 'void') = (void_reason IS NOT NULL))
);
CREATE INDEX approval_open ON vigie.approval_request (person_id) WHERE state IN ('asked', 'approved');
CREATE INDEX approval_window ON vigie.approval_request (asked_at);

CREATE TABLE vigie.desk_hold (
    equipment_id uuid PRIMARY KEY REFERENCES vigie.equipment ON DELETE CASCADE,
    desk_id uuid NOT NULL REFERENCES vigie.desk,
    shift_id uuid NOT NULL REFERENCES vigie.shift ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES vigie.person,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    selected_until timestamptz
);
CREATE INDEX desk_hold_shift ON vigie.desk_hold (shift_id);

CREATE TABLE vigie.sole_review (
    review_id uuid PRIMARY KEY,
    equipment_id uuid NOT NULL,
    action text NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    reason text NOT NULL,
    caller text NOT NULL,
    phone text NOT NULL,
    operated_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    reviewed_at timestamptz,
    reviewed_by uuid REFERENCES vigie.person,
    finding text NOT NULL,
    CHECK (reviewed_by <> person_id)
);
CREATE INDEX sole_review_window ON vigie.sole_review (reviewed_at);

SELECT vigie.sync_table(name) FROM unnest(ARRAY['approval_request', 'desk_hold', 'sole_review']) AS name;

-- A notice may be of a command that one person operated alone.
ALTER TABLE vigie.notice ALTER COLUMN alarm_id DROP NOT NULL, ADD COLUMN command_id uuid;

-- The core's rules: filled by migrate.
CREATE TABLE vigie.approval_move (
    from_state text NOT NULL,
    event text NOT NULL,
    to_state text NOT NULL,
    PRIMARY KEY (from_state, event)
);
CREATE TABLE vigie.validator (
    rank bigint PRIMARY KEY,
    role text NOT NULL UNIQUE,
    needs_shift boolean NOT NULL
);
CREATE TABLE vigie.procedure_limit (
    name text PRIMARY KEY,
    length interval NOT NULL
);
