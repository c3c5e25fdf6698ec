-- Takes the words of objects out, said as they went in.
INSERT INTO words (words, rowid, text) SELECT 'delete', number, text FROM object_text WHERE equipment_id IN (KEYS);
