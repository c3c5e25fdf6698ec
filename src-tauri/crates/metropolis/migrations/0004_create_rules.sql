-- The core's rules as rows: filled by migrate from the program, never by hand, so that both metropolises answer alike.

CREATE TABLE vigie.command_class (
    class text PRIMARY KEY,
    life interval NOT NULL,
    may_queue boolean NOT NULL
);

CREATE TABLE vigie.action (
    code text PRIMARY KEY,
    kind text NOT NULL,
    class text NOT NULL REFERENCES vigie.command_class,
    parameter jsonb NOT NULL,
    max_effect interval,
    safe_direction boolean NOT NULL,
    sole_allowed boolean NOT NULL,
    dims boolean NOT NULL,
    expect jsonb NOT NULL
);

CREATE TABLE vigie.command_transition (
    from_state text NOT NULL,
    event text NOT NULL,
    to_state text NOT NULL,
    -- It carries the command towards the field: after its life it expires instead (R2).
    forward boolean NOT NULL,
    PRIMARY KEY (from_state, event)
);

CREATE TABLE vigie.freshness (
    kind text NOT NULL,
    -- Empty: every source that has no row of its own.
    source text NOT NULL,
    ageing_after interval NOT NULL,
    fresh_for interval NOT NULL,
    PRIMARY KEY (kind, source)
);

CREATE TABLE vigie.submission_right (
    kind text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (kind, role)
);

CREATE TABLE vigie.pilot_right (
    kind text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (kind, role)
);

CREATE TABLE vigie.read_right (
    table_name text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (table_name, role)
);

-- Text that some readers are given empty, and rows that some do not see, by the value of the table's scope.
CREATE TABLE vigie.hidden_column (
    table_name text NOT NULL,
    column_name text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (table_name, column_name, role)
);

CREATE TABLE vigie.hidden_row (
    table_name text NOT NULL REFERENCES vigie.row_scope,
    value text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (table_name, value, role)
);

CREATE TABLE vigie.fetch_right (
    query text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (query, role)
);

-- `manage` and `list`: who may. `give`: which roles are given by those who manage.
CREATE TABLE vigie.account_right (
    act text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (act, role)
);
