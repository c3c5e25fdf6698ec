-- What a person writes besides commands must arrive whenever it can: records with their lanes, and forms being filled in.

CREATE TABLE record (
    position      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of lanes; never given twice, so that it numbers lines too
    record_id     BLOB NOT NULL UNIQUE CHECK (length(record_id) = 16),
    submission_id BLOB NOT NULL CHECK (length(submission_id) = 16),
    lane          TEXT NOT NULL,
    body          TEXT NOT NULL,                     -- JSON: kind and payload as submitted; never edited
    written_at    INTEGER NOT NULL,                  -- milliseconds since 1970, in the metropolis's time
    state         TEXT NOT NULL,
    since         INTEGER NOT NULL,
    detail        TEXT,                              -- why, as a code
    refusals      INTEGER NOT NULL
) STRICT;

CREATE TABLE draft (
    key      TEXT PRIMARY KEY,                       -- which form, and about what
    content  TEXT NOT NULL,                          -- JSON: its fields
    saved_at INTEGER NOT NULL
) STRICT;

-- The key that signs what this account writes (R20): 32 bytes, made once.
CREATE TABLE hand (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    seed      BLOB NOT NULL CHECK (length(seed) = 32)
) STRICT;
