-- The words of objects and places, so that a search answers while one types.
--
-- Written once and read by word: no positions, no sizes, no copy of the text. What stands in a street by the dozen has the
-- higher numbers, so that the index's own order is the order of answers and nothing is ever sorted.
CREATE VIRTUAL TABLE words USING fts5 (
    text, content='', detail=none, columnsize=0, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE words_there USING fts5vocab (words, row);

-- Every word without a figure. `open` is the beginning of words that go on in figures, such as EP00123: those are as many as
-- objects, and nobody mistypes them into another.
CREATE TABLE word (word TEXT NOT NULL, open INTEGER NOT NULL, PRIMARY KEY (word, open)) STRICT, WITHOUT ROWID;

-- Communes, zones, and the streets in which objects stand.
CREATE TABLE place (
    place_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key BLOB,
    reference TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    insee_code TEXT NOT NULL DEFAULT '',
    commune TEXT NOT NULL DEFAULT '',
    objects INTEGER NOT NULL DEFAULT 0,
    west REAL, south REAL, east REAL, north REAL,
    UNIQUE (kind, insee_code, name, reference)
) STRICT;

-- One name for each INSEE code.
CREATE VIEW commune_named AS SELECT insee_code, commune_id, name, min(local_id) FROM commune GROUP BY insee_code;

-- The text of an object: its street is in the name of most lights, and need not be read twice.
CREATE VIEW object_text AS
SELECT
    e.local_id, e.equipment_id, e.kind IN (MANY) AS many, ((1 + (e.kind IN (MANY))) << 32) + e.local_id AS number,
    concat_ws(
        ' ', e.reference, e.name, iif(instr(' ' || e.name || ' ', ' ' || e.street || ' '), NULL, e.street), c.name
    ) AS text
FROM equipment AS e LEFT JOIN commune_named AS c ON c.insee_code = e.insee_code;

-- The text of a place.
CREATE VIEW place_text AS SELECT place_id, kind, objects, reference || ' ' || name || ' ' || commune AS text FROM place;
