-- Streets in which nothing stands any more.
INSERT INTO words (words, rowid, text) SELECT 'delete', place_id, text FROM place_text WHERE kind = 'street' AND objects <= 0;
DELETE FROM place WHERE kind = 'street' AND objects <= 0;
