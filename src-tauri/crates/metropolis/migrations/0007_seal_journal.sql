-- Seals of the journal, and the house's seat. Nothing is hashed while a submission waits (a chain by a lock on its head cost
-- five times the write); the house seals afterwards, in the order of transactions, what no running transaction can still
-- come before.

ALTER TABLE vigie.journal ADD COLUMN written_xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX journal_order ON vigie.journal (written_xid, journal_id);

-- Each seal covers the rows from the one before it (exclusive of `below_xid` there) up to its own `below_xid`.
CREATE TABLE vigie.journal_seal (
    seal_id bigint PRIMARY KEY,
    below_xid xid8 NOT NULL,
    rows bigint NOT NULL,
    -- sha256(the seal before ‖ the lines of the rows, each ended by a line feed).
    sha256 bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    term bigint NOT NULL
);
CREATE TRIGGER keep_row BEFORE UPDATE OR DELETE ON vigie.journal_seal
    FOR EACH ROW EXECUTE FUNCTION vigie.refuse_change('seals are append-only');
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON vigie.journal_seal
    FOR EACH STATEMENT EXECUTE FUNCTION vigie.refuse_change('seals are append-only');

-- Who keeps time: one of the programs that could, for a term that only grows. Until when by the real clock: a rehearsal's
-- clock may stand still.
CREATE TABLE vigie.house_seat (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    holder uuid,
    term bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO vigie.house_seat DEFAULT VALUES;
