-- What was asked of the metropolis and what it answered: accounts, outcomes kept for good, and the journal.

CREATE TABLE vigie.account (
    login text PRIMARY KEY,
    role text NOT NULL,
    person_id uuid REFERENCES vigie.person,
    desk_id uuid REFERENCES vigie.desk,
    locked boolean NOT NULL DEFAULT false
);

CREATE TABLE vigie.submission (
    submission_id uuid PRIMARY KEY,
    -- None when only settle ever heard of it.
    kind text,
    outcome jsonb NOT NULL,
    login text NOT NULL,
    received_at timestamptz NOT NULL
);

-- Identifiers, codes and hashes only: content lives in tables that can be erased.
CREATE TABLE vigie.journal (
    journal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    login text NOT NULL,
    person_id uuid,
    role text,
    -- Kind of submission, `settle`, or `fetch.<query>`.
    kind text NOT NULL,
    submission_id uuid,
    -- The object, command or shift concerned.
    subject uuid,
    action text,
    status text NOT NULL,
    code text,
    payload_sha256 bytea NOT NULL
);

CREATE TRIGGER keep_row BEFORE UPDATE OR DELETE ON vigie.journal
    FOR EACH ROW EXECUTE FUNCTION vigie.refuse_change('the journal is append-only');
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON vigie.journal
    FOR EACH STATEMENT EXECUTE FUNCTION vigie.refuse_change('the journal is append-only');

-- The reasons given for reading what is not replicated: words, hence erasable, hence beside the journal.
CREATE TABLE vigie.fetch_reason (
    journal_id bigint PRIMARY KEY REFERENCES vigie.journal,
    reason text NOT NULL
);

-- What an apply function decides; the dispatcher makes the outcome of it.
CREATE TYPE vigie.verdict AS (
    status text,
    code text,
    command_state text,
    detail jsonb,
    subject uuid,
    action text
);
