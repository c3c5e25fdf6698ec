-- Indexes everything anew: places, then objects in the order of their numbers, then the words that came of it.
INSERT INTO words (words) VALUES ('delete-all');
-- Fewer, larger pieces of the index while a million objects go in.
INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);
DELETE FROM word;
DELETE FROM place;

INSERT INTO place (kind, key, name, insee_code) SELECT 'commune', commune_id, name, insee_code FROM commune_named;
INSERT INTO place (kind, key, reference, name) SELECT 'zone', zone_id, reference, name FROM zone WHERE true
ON CONFLICT DO NOTHING;
INSERT INTO place (kind, name, insee_code, commune, objects, west, south, east, north)
SELECT
    'street', e.street, e.insee_code, coalesce(c.name, ''), e.objects, e.west, e.south, e.east, e.north
FROM (
    SELECT
        street, insee_code, count(*) AS objects,
        min(lon) AS west, min(lat) AS south, max(lon) AS east, max(lat) AS north
    FROM equipment WHERE street <> '' GROUP BY street, insee_code
) AS e LEFT JOIN commune_named AS c ON c.insee_code = e.insee_code;

INSERT INTO words (rowid, text) SELECT place_id, text FROM place_text ORDER BY place_id;
INSERT INTO words (rowid, text) SELECT number, text FROM object_text WHERE NOT many;
INSERT INTO words (rowid, text) SELECT number, text FROM object_text WHERE many;

INSERT OR IGNORE INTO word (word, open)
SELECT iif(term GLOB '*[0-9]*', rtrim(term, '0123456789'), term), term GLOB '*[0-9]*' FROM words_there WHERE term >= 'a';
