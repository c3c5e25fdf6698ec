-- A control that is held by a key (class L): which desk holds it is told to the room, its signs of life are not. An unlogged
-- table: after a crash of the server nothing is held, and a sign of life costs no log.
ALTER TABLE vigie.desk_hold ADD COLUMN live_id uuid;
CREATE UNLOGGED TABLE vigie.live (
    equipment_id uuid PRIMARY KEY,
    live_id uuid NOT NULL UNIQUE,
    person_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    seq bigint NOT NULL,
    motion jsonb NOT NULL,
    began_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    -- Why it is over; null while it is held.
    over text
);
CREATE INDEX live_held ON vigie.live (person_id) WHERE over IS NULL;

-- The work of a crew takes longer: said by whoever asked for its lock. What he signed stays as it is.
ALTER TABLE vigie.crew_lock ADD COLUMN extended_to timestamptz;
