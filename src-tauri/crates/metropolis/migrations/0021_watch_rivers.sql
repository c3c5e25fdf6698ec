-- Rivers: reaches with their legal vigilance, what gauges are forecast, and what each level of a gauge puts under water. What
-- gauges measure is a state like any other (`report`); their thresholds are attributes of the equipment, where the rules of
-- alarms read them.

CREATE TABLE vigie.river_reach (
    reach_id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    territory text NOT NULL,
    source text NOT NULL,
    geometry jsonb NOT NULL,
    -- Null: the last bulletin does not say. Unknown, never green.
    vigilance text,
    since timestamptz NOT NULL,
    bulletin_at timestamptz NOT NULL,
    bulletin text NOT NULL
);

-- One row for each quantity of a gauge: the last forecast whole, so that nothing grows.
CREATE TABLE vigie.gauge_forecast (
    forecast_id uuid PRIMARY KEY,
    equipment_id uuid NOT NULL REFERENCES vigie.equipment ON DELETE CASCADE,
    quantity text NOT NULL,
    issued_at timestamptz NOT NULL,
    source text NOT NULL,
    points jsonb NOT NULL
);

CREATE TABLE vigie.inundation (
    inundation_id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    equipment_id uuid NOT NULL REFERENCES vigie.equipment ON DELETE CASCADE,
    height_mm bigint NOT NULL,
    name text NOT NULL,
    -- Not references: a zone that is thrown away must not take a procedure with it. Its absence is counted on the screen.
    zones jsonb NOT NULL,
    procedure text NOT NULL,
    calls jsonb NOT NULL,
    switch_off jsonb NOT NULL
);

SELECT vigie.sync_table(name) FROM unnest(ARRAY['river_reach', 'gauge_forecast', 'inundation']) AS name;
