-- The log (main courante) and the keys that its lines are signed with: written by people, append-only, corrected by new
-- lines. The words are erasable, hence here and not in the journal.

CREATE TABLE vigie.person_key (
    key_id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES vigie.person,
    public_key text NOT NULL,
    registered_at timestamptz NOT NULL
);

CREATE TABLE vigie.log_entry (
    log_id uuid PRIMARY KEY,
    written_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    -- Not references: a line is taken whatever became of its desk, its shift or what it corrects.
    desk_id uuid,
    shift_id uuid,
    sequence bigint NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    role text NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    corrects uuid,
    links jsonb NOT NULL,
    deposited_by uuid REFERENCES vigie.person,
    key_id uuid,
    signature text
);
CREATE INDEX log_entry_window ON vigie.log_entry (written_at);

SELECT vigie.sync_table(name) FROM unnest(ARRAY['person_key', 'log_entry']) AS name;

CREATE TRIGGER keep_row BEFORE UPDATE ON vigie.log_entry
    FOR EACH ROW EXECUTE FUNCTION vigie.refuse_change('the log is append-only: a correction is a new line');
CREATE TRIGGER keep_row BEFORE UPDATE ON vigie.person_key
    FOR EACH ROW EXECUTE FUNCTION vigie.refuse_change('a key does not change: register another');
