-- Indexes the zones anew: they are few, and someone is waiting for the one he drew.
INSERT INTO words (words, rowid, text) SELECT 'delete', place_id, text FROM place_text WHERE kind = 'zone';
DELETE FROM place WHERE kind = 'zone';
INSERT INTO place (kind, key, reference, name) SELECT 'zone', zone_id, reference, name FROM zone WHERE true
ON CONFLICT DO NOTHING;
INSERT INTO words (rowid, text) SELECT place_id, text FROM place_text WHERE kind = 'zone' ORDER BY place_id;
