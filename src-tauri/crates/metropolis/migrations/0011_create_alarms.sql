-- Alarms: rules as rows that a metropolis may adapt, occurrences with three independent bits, what people did with them, and
-- whom the house had told outside the room.

CREATE TABLE vigie.alarm_rule (
    rule_id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    -- None for what is not equipment.
    kind text,
    priority bigint NOT NULL CHECK (priority BETWEEN 1 AND 3),
    delay_s bigint NOT NULL CHECK (delay_s >= 0),
    condition jsonb NOT NULL,
    scope jsonb NOT NULL,
    yields boolean NOT NULL,
    explains boolean NOT NULL,
    enabled boolean NOT NULL,
    -- Changed here: an upgrade leaves it as it is.
    adapted boolean NOT NULL
);

CREATE TABLE vigie.alarm (
    alarm_id uuid PRIMARY KEY,
    rule text NOT NULL,
    -- Not references: an alarm outlives its object and its rule.
    equipment_id uuid,
    source text,
    code text NOT NULL,
    occurrence bigint NOT NULL,
    priority bigint NOT NULL CHECK (priority BETWEEN 1 AND 3),
    message text NOT NULL,
    details jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    active boolean NOT NULL,
    cleared_at timestamptz,
    acknowledged boolean NOT NULL,
    acked_at timestamptz,
    acked_by uuid REFERENCES vigie.person,
    acked_desk uuid,
    suspended boolean NOT NULL,
    suspended_until timestamptz,
    suspended_reason text,
    suspended_by uuid REFERENCES vigie.person,
    assigned_to uuid REFERENCES vigie.desk,
    assigned_at timestamptz,
    assigned_by uuid REFERENCES vigie.person,
    cause_id uuid,
    chattering boolean NOT NULL,
    site text NOT NULL,
    escalation bigint NOT NULL,
    escalated_at timestamptz,
    open boolean NOT NULL,
    closed_at timestamptz,
    CHECK (open = (closed_at IS NULL)),
    CHECK (NOT suspended OR suspended_until IS NOT NULL)
);
-- One open occurrence of a rule on an object: whatever two houses believed.
CREATE UNIQUE INDEX alarm_open ON vigie.alarm
    (rule, coalesce(equipment_id, '00000000-0000-0000-0000-000000000000'), coalesce(source, ''), code) WHERE open;
CREATE INDEX alarm_of ON vigie.alarm
    (rule, coalesce(equipment_id, '00000000-0000-0000-0000-000000000000'), coalesce(source, ''), code, occurrence DESC);
CREATE INDEX alarm_window ON vigie.alarm (closed_at);

CREATE TABLE vigie.alarm_act (
    act_id uuid PRIMARY KEY,
    -- Not a reference: what is done with an alarm that is gone is kept as well.
    alarm_id uuid NOT NULL,
    kind text NOT NULL,
    priority_seen bigint NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    desk_id uuid,
    written_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    until timestamptz,
    reason text,
    to_desk uuid,
    effect text NOT NULL
);
CREATE INDEX alarm_act_of ON vigie.alarm_act (alarm_id);
CREATE INDEX alarm_act_window ON vigie.alarm_act (received_at);

CREATE TABLE vigie.notice (
    notice_id uuid PRIMARY KEY,
    reason text NOT NULL,
    alarm_id uuid NOT NULL,
    raised_at timestamptz NOT NULL,
    sent_at timestamptz,
    over_at timestamptz
);
CREATE INDEX notice_window ON vigie.notice (raised_at);

SELECT vigie.sync_table(name) FROM unnest(ARRAY['alarm_rule', 'alarm', 'alarm_act', 'notice']) AS name;

CREATE TRIGGER keep_row BEFORE UPDATE ON vigie.alarm_act
    FOR EACH ROW EXECUTE FUNCTION vigie.refuse_change('what a person did with an alarm is not rewritten');

-- How long an alarm may be out of sight, by its priority: the core's, filled by migrate.
CREATE TABLE vigie.shelving (
    priority bigint PRIMARY KEY,
    longest interval NOT NULL
);
