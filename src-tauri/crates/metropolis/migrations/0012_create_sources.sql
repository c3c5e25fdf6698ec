-- Where values come from: every feed and connector, with its last contact, so that a desk can tell a street that is quiet
-- from a system that is silent. Written by the programs that speak for them (`apply_source_contact.sql`).

CREATE TABLE vigie.source (
    source_id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    covers jsonb NOT NULL,
    period_s bigint NOT NULL,
    tried_at timestamptz NOT NULL,
    contact_at timestamptz,
    delay_ms bigint,
    error text,
    error_since timestamptz
);

SELECT vigie.sync_table('source');
