-- Whatever an earlier version searched with.
DROP VIEW IF EXISTS object_text;
DROP VIEW IF EXISTS place_text;
DROP VIEW IF EXISTS commune_named;
DROP TABLE IF EXISTS place;
DROP TABLE IF EXISTS word;
DROP TABLE IF EXISTS words_there;
DROP TABLE IF EXISTS words;
DROP TABLE IF EXISTS equipment_words;
