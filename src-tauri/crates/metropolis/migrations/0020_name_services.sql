-- The municipal services that keep the equipment: whom to call, and what one looks at apart from the rest.

CREATE TABLE vigie.service (
    service_id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    phone text NOT NULL
);
SELECT vigie.sync_table('service');

ALTER TABLE vigie.equipment ADD COLUMN service_id uuid REFERENCES vigie.service;
