-- A command on many objects is one submission: its members are entries, and what they have in common is kept once.

CREATE TABLE group_head (
    group_id BLOB PRIMARY KEY CHECK (length(group_id) = 16),
    written  TEXT NOT NULL                           -- JSON: by what its objects were chosen, what was left out
) STRICT, WITHOUT ROWID;
