-- What was operated here must outlive a crash, and its history the doing: entries and their events are kept, in order.

CREATE TABLE entry (
    position    INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of lanes; never given twice
    command_id  BLOB NOT NULL UNIQUE CHECK (length(command_id) = 16),
    written     TEXT NOT NULL,                     -- JSON: what was operated, by whom, as what; never edited
    state       TEXT NOT NULL,                     -- where the command stands, as far as this desk knows
    detail      TEXT,                              -- why, as a code
    outbox      TEXT NOT NULL,                     -- open, handed, done
    reissued_as BLOB CHECK (length(reissued_as) = 16)
) STRICT;

CREATE INDEX entry_not_done ON entry (position) WHERE outbox <> 'done';

CREATE TABLE event (
    event_id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL REFERENCES entry (position),
    at       INTEGER NOT NULL,                     -- milliseconds since 1970, in the metropolis's time
    event    TEXT NOT NULL,
    to_state TEXT NOT NULL,
    detail   TEXT
) STRICT;

CREATE INDEX event_by_position ON event (position);
