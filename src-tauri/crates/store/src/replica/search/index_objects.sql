-- The words of objects.
INSERT INTO words (rowid, text) SELECT number, text FROM object_text WHERE equipment_id IN (KEYS) ORDER BY number;
