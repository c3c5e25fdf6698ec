-- Objects that come into streets, known or new.
INSERT INTO place (kind, name, insee_code, commune, objects, west, south, east, north)
SELECT
    'street', e.street, e.insee_code, coalesce(c.name, ''), count(*), min(e.lon), min(e.lat), max(e.lon), max(e.lat)
FROM equipment AS e LEFT JOIN commune_named AS c ON c.insee_code = e.insee_code
WHERE e.equipment_id IN (KEYS) AND e.street <> '' GROUP BY e.street, e.insee_code
ON CONFLICT (kind, insee_code, name, reference) DO UPDATE SET
    objects = objects + excluded.objects,
    west = min(west, excluded.west), south = min(south, excluded.south),
    east = max(east, excluded.east), north = max(north, excluded.north);
