-- The city and those who work for it: the synced tables, one for one as the core declares them.
-- Slow and fast are apart: equipment changes rarely, equipment_state all day.

CREATE TABLE vigie.commune (
    commune_id uuid PRIMARY KEY,
    insee_code text NOT NULL UNIQUE,
    name text NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    population bigint NOT NULL,
    outline jsonb NOT NULL
);

CREATE TABLE vigie.ground (
    ground_id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    schematic boolean NOT NULL,
    geometry jsonb NOT NULL
);

CREATE TABLE vigie.zone (
    zone_id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    name text NOT NULL,
    kind text NOT NULL,
    outline jsonb NOT NULL
);

CREATE TABLE vigie.person (
    person_id uuid PRIMARY KEY,
    display_name text NOT NULL
);

CREATE TABLE vigie.desk (
    desk_id uuid PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE vigie.shift (
    shift_id uuid PRIMARY KEY,
    desk_id uuid NOT NULL REFERENCES vigie.desk,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    opened_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX shift_open ON vigie.shift (desk_id) WHERE closed_at IS NULL;

CREATE TABLE vigie.equipment (
    equipment_id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    name text NOT NULL,
    kind text NOT NULL,
    insee_code text NOT NULL,
    street text NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    attributes jsonb NOT NULL
);
-- The neighbours of a light, looked at before each command that dims.
CREATE INDEX equipment_street ON vigie.equipment (insee_code, street) WHERE kind = 'street_light';

CREATE TABLE vigie.equipment_state (
    equipment_id uuid PRIMARY KEY REFERENCES vigie.equipment ON DELETE CASCADE,
    reading jsonb NOT NULL,
    quality text NOT NULL,
    observed_at timestamptz,
    received_at timestamptz NOT NULL,
    source text NOT NULL,
    reach text NOT NULL,
    mode text NOT NULL,
    target jsonb,
    effect_until timestamptz,
    version bigint NOT NULL,
    control_version bigint NOT NULL
);

-- By month, so that a month is dropped and not deleted row by row. 0008 and vigie.keep_partitions make the months.
CREATE TABLE vigie.state_history (
    history_id uuid NOT NULL,
    equipment_id uuid NOT NULL,
    reading jsonb NOT NULL,
    quality text NOT NULL,
    observed_at timestamptz NOT NULL,
    source text NOT NULL,
    mode text NOT NULL,
    PRIMARY KEY (history_id, observed_at)
) PARTITION BY RANGE (observed_at);
CREATE INDEX state_history_of ON vigie.state_history (equipment_id, observed_at DESC);
CREATE INDEX state_history_window ON vigie.state_history (observed_at);

CREATE TABLE vigie.command (
    command_id uuid PRIMARY KEY,
    equipment_id uuid NOT NULL REFERENCES vigie.equipment ON DELETE CASCADE,
    action text NOT NULL,
    class text NOT NULL,
    params jsonb NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    -- Not a reference: a command refused because its shift does not exist is shown as well.
    shift_id uuid NOT NULL,
    reason text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    effect_until timestamptz,
    seen_control_version bigint NOT NULL,
    without_visibility boolean NOT NULL,
    state text NOT NULL,
    state_since timestamptz NOT NULL,
    detail text,
    effect text
);
CREATE INDEX command_under_way ON vigie.command (equipment_id)
    WHERE state IN ('accepted', 'dispatching', 'dispatched', 'executed');
CREATE INDEX command_in_effect ON vigie.command (equipment_id) WHERE effect IN ('in_force', 'overdue');
CREATE INDEX command_window ON vigie.command (issued_at);

CREATE TABLE vigie.command_event (
    event_id uuid PRIMARY KEY,
    command_id uuid NOT NULL REFERENCES vigie.command ON DELETE CASCADE,
    at timestamptz NOT NULL,
    from_state text,
    to_state text NOT NULL,
    actor text NOT NULL,
    detail text
);
CREATE INDEX command_event_of ON vigie.command_event (command_id);
CREATE INDEX command_event_window ON vigie.command_event (at);
