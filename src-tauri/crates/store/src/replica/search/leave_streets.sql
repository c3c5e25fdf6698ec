-- Objects that leave their streets.
WITH gone AS (
    SELECT street, insee_code, count(*) AS objects FROM equipment WHERE equipment_id IN (KEYS) GROUP BY street, insee_code
)
UPDATE place SET objects = place.objects - gone.objects
FROM gone WHERE place.kind = 'street' AND place.name = gone.street AND place.insee_code = gone.insee_code;
