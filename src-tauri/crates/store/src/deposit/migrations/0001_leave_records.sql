-- What the accounts of this machine leave for each other: signed records for the next holder of a desk, and how much waits
-- in outboxes that only their own account opens.

CREATE TABLE left_record (
    record_id  BLOB PRIMARY KEY CHECK (length(record_id) = 16),
    person_id  BLOB NOT NULL CHECK (length(person_id) = 16),
    desk_id    BLOB NOT NULL CHECK (length(desk_id) = 16),
    body       TEXT NOT NULL,    -- JSON: kind and payload, signature included
    written_at INTEGER NOT NULL  -- milliseconds since 1970, in the metropolis's time
) STRICT;

CREATE TABLE waiting (
    account TEXT PRIMARY KEY,
    number  INTEGER NOT NULL
) STRICT;
