-- The field's seat, one for each account of a gateway, and which term took a command: a second program of the same account,
-- or the same one restarted, never publishes what another may have published already (R14).

CREATE TABLE vigie.field_seat (
    login text PRIMARY KEY,
    holder uuid,
    term bigint NOT NULL DEFAULT 0,
    -- By the real clock: a rehearsal's clock may stand still.
    until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE vigie.dispatch (
    command_id uuid PRIMARY KEY REFERENCES vigie.command ON DELETE CASCADE,
    login text NOT NULL,
    term bigint NOT NULL,
    taken_at timestamptz NOT NULL,
    -- When its gateway told the device that the effect is over, where the device does not know.
    end_sent_at timestamptz
);
CREATE INDEX dispatch_of ON vigie.dispatch (login, term);
