-- Crew locks (R10): people at work, and no command passes. Asked, in force, lifted; never lifted by time alone.

CREATE TABLE vigie.crew_lock (
    lock_id uuid PRIMARY KEY,
    equipment_id uuid NOT NULL REFERENCES vigie.equipment ON DELETE CASCADE,
    state text NOT NULL,
    holder text NOT NULL,
    phone text NOT NULL,
    place text NOT NULL,
    reason text NOT NULL,
    by_holder boolean NOT NULL,
    expected_end timestamptz NOT NULL,
    written_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    -- Not references: a lock is taken whatever became of its author's desk and shift.
    desk_id uuid,
    shift_id uuid,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    deposited_by uuid REFERENCES vigie.person,
    key_id uuid,
    signature text,
    granted_at timestamptz,
    coming jsonb NOT NULL,
    lift_asked_by uuid REFERENCES vigie.person,
    lift_asked_at timestamptz,
    called_at timestamptz,
    call_number text NOT NULL,
    call_said text,
    call_words text NOT NULL,
    lifted_by uuid REFERENCES vigie.person,
    how text,
    over_at timestamptz,
    CHECK ((state IN ('asked', 'in_force')) = (over_at IS NULL)),
    CHECK (state <> 'in_force' OR granted_at IS NOT NULL),
    -- By others than its holder only after a call, and as two natural persons.
    CHECK (how IS DISTINCT FROM 'forced'
           OR (lift_asked_by IS NOT NULL AND called_at IS NOT NULL AND lifted_by IS DISTINCT FROM lift_asked_by))
);
CREATE INDEX crew_lock_open ON vigie.crew_lock (equipment_id) WHERE over_at IS NULL;
CREATE INDEX crew_lock_window ON vigie.crew_lock (over_at);

SELECT vigie.sync_table('crew_lock');
