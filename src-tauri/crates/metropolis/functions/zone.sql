-- Whether a zone is what `core::zone::validate` lets pass: the same expressions in the same order as in `core::zone::shape`, so
-- that both give one answer for one drawing.

-- Twice the area that three corners enclose: above zero when they turn to the left.
CREATE OR REPLACE FUNCTION vigie.turn(
    ax double precision, ay double precision, bx double precision, by double precision, cx double precision, cy double precision
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
$$;

-- A polygon's rings as the elements of an array, each with its positions: nothing but lists of two numbers.
CREATE OR REPLACE FUNCTION vigie.is_rings(rings jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    ring jsonb;
BEGIN
    IF jsonb_typeof(rings) IS DISTINCT FROM 'array' OR jsonb_array_length(rings) = 0 THEN
        RETURN false;
    END IF;
    FOR ring IN SELECT r.value FROM jsonb_array_elements(rings) AS r LOOP
        IF jsonb_typeof(ring) <> 'array' OR jsonb_array_length(ring) < 4
            OR EXISTS (SELECT FROM jsonb_array_elements(ring) AS p WHERE jsonb_typeof(p.value) <> 'array')
            OR EXISTS (
                SELECT FROM jsonb_array_elements(ring) AS p
                WHERE jsonb_array_length(p.value) <> 2
                   OR jsonb_typeof(p.value -> 0) <> 'number' OR jsonb_typeof(p.value -> 1) <> 'number')
            OR (ring -> 0) <> (ring -> -1)
        THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END $$;

-- The planner takes four corners for a thousand, and would compile for three seconds what runs in a few milliseconds.
CREATE OR REPLACE FUNCTION vigie.outline_is_valid(outline jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    most CONSTANT int := 2000;
    parts jsonb;
    part jsonb;
BEGIN
    IF NOT vigie.has_keys(outline, ARRAY['type', 'coordinates']) THEN
        RETURN false;
    END IF;
    parts := CASE outline -> 'type'
        WHEN '"Polygon"' THEN jsonb_build_array(outline -> 'coordinates')
        WHEN '"MultiPolygon"' THEN outline -> 'coordinates' END;
    IF jsonb_typeof(parts) IS DISTINCT FROM 'array' OR jsonb_array_length(parts) = 0 THEN
        RETURN false;
    END IF;
    FOR part IN SELECT p.value FROM jsonb_array_elements(parts) AS p LOOP
        IF NOT vigie.is_rings(part) THEN
            RETURN false;
        END IF;
    END LOOP;
    IF (SELECT sum(jsonb_array_length(r.value) - 1) FROM jsonb_array_elements(parts) AS p, jsonb_array_elements(p.value) AS r) > most THEN
        RETURN false;
    END IF;

    RETURN (
        WITH position AS MATERIALIZED (
            SELECT p.ordinality AS part, r.ordinality AS ring, c.ordinality AS at,
                   (c.value ->> 0)::double precision AS x, (c.value ->> 1)::double precision AS y
            FROM jsonb_array_elements(parts) WITH ORDINALITY AS p, jsonb_array_elements(p.value) WITH ORDINALITY AS r,
                 jsonb_array_elements(r.value) WITH ORDINALITY AS c
        ), side AS MATERIALIZED (
            SELECT row_number() OVER (ORDER BY s.part, s.ring, s.at) AS number, s.*,
                   least(s.ax, s.bx) AS west, greatest(s.ax, s.bx) AS east,
                   least(s.ay, s.by) AS south, greatest(s.ay, s.by) AS north
            FROM (
                SELECT p.part, p.ring, p.at, p.x AS ax, p.y AS ay,
                       lead(p.x) OVER w AS bx, lead(p.y) OVER w AS by,
                       count(*) OVER (PARTITION BY p.part, p.ring) - 1 AS sides,
                       first_value(p.x) OVER w AS fx, first_value(p.y) OVER w AS fy
                FROM position p
                WINDOW w AS (PARTITION BY p.part, p.ring ORDER BY p.at)
            ) AS s
            WHERE s.bx IS NOT NULL
        ), area AS (
            SELECT s.part, s.ring, sum(vigie.turn(s.fx, s.fy, s.ax, s.ay, s.bx, s.by) ORDER BY s.at) AS twice
            FROM side s GROUP BY s.part, s.ring
        )
        SELECT
            -- Around metropolitan France, and no wider than any metropolis.
            (SELECT bool_and(p.x BETWEEN -6.0 AND 10.5 AND p.y BETWEEN 41.0 AND 52.0)
                    AND max(p.x) - min(p.x) <= 1.0 AND max(p.y) - min(p.y) <= 1.0 FROM position p)
            -- No side meets another where it may not.
            AND NOT EXISTS (
                SELECT FROM side e JOIN side f
                  ON f.number > e.number AND e.west <= f.east AND f.west <= e.east AND e.south <= f.north AND f.south <= e.north
                WHERE CASE
                    WHEN e.part <> f.part OR e.ring <> f.ring THEN
                        sign(vigie.turn(e.ax, e.ay, e.bx, e.by, f.ax, f.ay)) * sign(vigie.turn(e.ax, e.ay, e.bx, e.by, f.bx, f.by)) < 0
                        AND sign(vigie.turn(f.ax, f.ay, f.bx, f.by, e.ax, e.ay)) * sign(vigie.turn(f.ax, f.ay, f.bx, f.by, e.bx, e.by)) < 0
                    WHEN f.at = e.at + 1 THEN
                        vigie.turn(e.ax, e.ay, e.bx, e.by, f.bx, f.by) = 0
                        AND (e.ax - e.bx) * (f.bx - e.bx) + (e.ay - e.by) * (f.by - e.by) > 0
                    WHEN e.at = 1 AND f.at = e.sides THEN
                        vigie.turn(f.ax, f.ay, f.bx, f.by, e.bx, e.by) = 0
                        AND (f.ax - f.bx) * (e.bx - f.bx) + (f.ay - f.by) * (e.by - f.by) > 0
                    ELSE
                        sign(vigie.turn(e.ax, e.ay, e.bx, e.by, f.ax, f.ay)) * sign(vigie.turn(e.ax, e.ay, e.bx, e.by, f.bx, f.by)) <= 0
                        AND sign(vigie.turn(f.ax, f.ay, f.bx, f.by, e.ax, e.ay)) * sign(vigie.turn(f.ax, f.ay, f.bx, f.by, e.bx, e.by)) <= 0
                END)
            -- Outer rings counterclockwise, holes clockwise (RFC 7946).
            AND NOT EXISTS (SELECT FROM area a WHERE CASE a.ring WHEN 1 THEN a.twice <= 0 ELSE a.twice >= 0 END)
            -- A hole lies in its polygon: an odd number of the outer ring's sides to the east of its first corner.
            AND NOT EXISTS (
                SELECT FROM position h WHERE h.ring > 1 AND h.at = 1 AND (
                    SELECT count(*) FROM side s
                    WHERE s.part = h.part AND s.ring = 1 AND (s.ay > h.y) <> (s.by > h.y)
                      AND h.x < s.ax + (h.y - s.ay) / (CASE WHEN s.by = s.ay THEN 1 ELSE s.by - s.ay END) * (s.bx - s.ax)) % 2 = 0)
    );
END $$;
