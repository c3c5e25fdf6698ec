-- Programmes (R19): what lights and junctions do by themselves, written as drafts, applied by commands of two people, and
-- compared with what each object reports.

CREATE TABLE vigie.programme (
    programme_id uuid PRIMARY KEY,
    -- Counts the contents that it had: an approval is of one of them.
    revision bigint NOT NULL CHECK (revision >= 1),
    kind text NOT NULL,
    content jsonb NOT NULL,
    lowest bigint,
    person_id uuid NOT NULL REFERENCES vigie.person,
    changed_at timestamptz NOT NULL,
    frozen_at timestamptz
);

-- Whatever writes here: what was applied once is what its devices hold, and does not change under them.
CREATE TRIGGER keep_content BEFORE UPDATE ON vigie.programme
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL AND (
        ROW(NEW.revision, NEW.kind, NEW.content, NEW.lowest) IS DISTINCT FROM ROW(OLD.revision, OLD.kind, OLD.content, OLD.lowest)
        OR NEW.frozen_at IS DISTINCT FROM OLD.frozen_at))
    EXECUTE FUNCTION vigie.refuse_change('the programme was applied; write another');
CREATE TRIGGER keep_applied BEFORE DELETE ON vigie.programme
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL)
    EXECUTE FUNCTION vigie.refuse_change('the programme was applied: its devices may hold it');

CREATE TABLE vigie.programme_assignment (
    equipment_id uuid PRIMARY KEY REFERENCES vigie.equipment ON DELETE CASCADE,
    programme text NOT NULL,
    former text,
    applied_at timestamptz NOT NULL,
    command_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES vigie.person,
    approved_by uuid REFERENCES vigie.person,
    reverted boolean NOT NULL,
    differs_since timestamptz,
    -- Whatever writes here: nobody applies a programme alone (R19); going back takes one person (R17).
    CHECK (approved_by <> person_id),
    CHECK (reverted OR approved_by IS NOT NULL)
);
CREATE INDEX programme_assignment_of ON vigie.programme_assignment (programme);

SELECT vigie.sync_table(name) FROM unnest(ARRAY['programme', 'programme_assignment']) AS name;

ALTER TABLE vigie.action ADD COLUMN two_people boolean NOT NULL DEFAULT false;
