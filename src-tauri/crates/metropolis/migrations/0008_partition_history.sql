-- What the feed and the history keep, and for how long: a month of raw states goes at once, its hours stay for years; and
-- tombstones go when they are older than any workstation may be.

-- Before any month is made, and for a device whose clock is wrong: no observation is refused for want of a partition.
CREATE TABLE vigie.state_history_other PARTITION OF vigie.state_history DEFAULT;

-- Past states by the hour: each number that the object reported, summed up.
CREATE TABLE vigie.state_hourly (
    equipment_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    quantity text NOT NULL,
    observations bigint NOT NULL,
    least double precision NOT NULL,
    mean double precision NOT NULL,
    greatest double precision NOT NULL,
    PRIMARY KEY (equipment_id, quantity, hour)
);
CREATE INDEX state_hourly_hour ON vigie.state_hourly (hour);

CREATE TABLE vigie.retention (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    tombstones interval NOT NULL DEFAULT '14 days',
    -- Never shorter than the windows of the workstations: their rows would go without a tombstone.
    raw_states interval NOT NULL DEFAULT '35 days' CHECK (raw_states >= interval '7 days'),
    hourly_states interval NOT NULL DEFAULT '5 years',
    -- Tombstones of transactions before this one are gone: a cut that is older must be copied anew.
    horizon xid8 NOT NULL DEFAULT '0'
);
INSERT INTO vigie.retention DEFAULT VALUES;

-- Tide marks: at this instant every transaction before xid had ended. They give tombstones their age.
CREATE TABLE vigie.tide (
    at timestamptz PRIMARY KEY,
    xid xid8 NOT NULL
);
