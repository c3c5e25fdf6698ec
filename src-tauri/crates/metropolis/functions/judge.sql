-- What the metropolis checks before it takes a command: the core's `classify` and `judge`, in the same order.

-- Whether the parameters are exactly what the action takes.
CREATE OR REPLACE FUNCTION vigie.accepts(parameter jsonb, params jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    key text := parameter ->> 'key';
BEGIN
    IF key IS NULL THEN
        RETURN params = '{}';
    END IF;
    IF NOT params ? key OR (SELECT count(*) FROM jsonb_object_keys(params)) <> 1 THEN
        RETURN false;
    END IF;
    CASE parameter ->> 'type'
        WHEN 'number' THEN
            RETURN jsonb_typeof(params -> key) = 'number' AND params ->> key ~ '^-?[0-9]+$'
                AND (params ->> key)::numeric BETWEEN (parameter ->> 'min')::numeric AND (parameter ->> 'max')::numeric;
        WHEN 'text' THEN
            RETURN jsonb_typeof(params -> key) = 'string' AND NOT vigie.is_blank(params ->> key)
                AND char_length(params ->> key) <= (parameter ->> 'max')::int;
        WHEN 'one_of' THEN
            RETURN jsonb_typeof(params -> key) = 'string' AND parameter -> 'values' ? (params ->> key);
        WHEN 'programme' THEN
            RETURN jsonb_typeof(params -> key) = 'string'
                AND params ->> key ~ '^(own|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/[1-9][0-9]{0,17})$';
        ELSE
            RETURN false;
    END CASE;
END $$;

-- A number at a key of a JSON object, or null.
CREATE OR REPLACE FUNCTION vigie.number_at(object jsonb, key text) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(object -> key) = 'number' THEN (object ->> key)::numeric END
$$;

-- Whether an order goes in the safe direction (R17): by its action, or because it puts a light full on.
CREATE OR REPLACE FUNCTION vigie.goes_safe(act vigie.action, params jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT act.safe_direction OR (act.dims AND coalesce(vigie.number_at(params, 'level') = 100, false))
$$;

-- Whether a newer order of its author in the safe direction was taken on the object: it went ahead (R17).
CREATE OR REPLACE FUNCTION vigie.overtaken(ord vigie.command) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM vigie.command c JOIN vigie.action a ON a.code = c.action
        WHERE c.equipment_id = ord.equipment_id AND c.person_id = ord.person_id AND c.issued_at > ord.issued_at
          AND c.state NOT IN ('rejected', 'expired') AND vigie.goes_safe(a, c.params));
END $$;

-- Other lights within two ranks on the same street that are, or are asked to be, under their safety level: by an earlier
-- command, by the programme that they have, or together with this one by a level of their group.
CREATE OR REPLACE FUNCTION vigie.neighbours_below(light vigie.equipment, together uuid[], level numeric) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT count(*)
        FROM vigie.equipment n
        LEFT JOIN vigie.equipment_state s USING (equipment_id)
        WHERE n.kind = 'street_light' AND n.insee_code = light.insee_code AND n.street = light.street
          AND n.equipment_id <> light.equipment_id
          AND abs(vigie.number_at(n.attributes, 'rank') - vigie.number_at(light.attributes, 'rank')) <= 2
          AND (vigie.number_at(s.target, 'level') < vigie.number_at(n.attributes, 'safety_level')
               OR (n.equipment_id = ANY (together) AND neighbours_below.level < vigie.number_at(n.attributes, 'safety_level'))
               OR EXISTS (
                   SELECT FROM vigie.command c
                   WHERE c.equipment_id = n.equipment_id
                     AND c.state IN ('accepted', 'dispatching', 'dispatched', 'executed')
                     AND c.action IN (SELECT a.code FROM vigie.action a WHERE a.dims)
                     AND vigie.asked_level(c.params) < vigie.number_at(n.attributes, 'safety_level'))
               OR EXISTS (
                   SELECT FROM vigie.programme_assignment p
                   WHERE p.equipment_id = n.equipment_id
                     AND vigie.asked_level(jsonb_build_object('programme', p.programme))
                         < vigie.number_at(n.attributes, 'safety_level'))));
END $$;

CREATE OR REPLACE FUNCTION vigie.classify(act vigie.action, params jsonb, object vigie.equipment, together uuid[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF act.code IS NULL THEN
        RETURN 'D';
    END IF;
    -- A programme counts by its lowest level by night (R19).
    IF act.dims AND vigie.asked_level(params) < coalesce(vigie.number_at(object.attributes, 'safety_level'), 0)
        AND (coalesce(object.attributes -> 'crossing' = 'true', false)
            OR vigie.neighbours_below(object, together, vigie.asked_level(params)) >= 2)
    THEN
        RETURN 'D';
    END IF;
    RETURN act.class;
END $$;

-- Class of a command on many objects: the worst of its members, each among the others, and a service when it is comfort on
-- more than ten.
CREATE OR REPLACE FUNCTION vigie.class_of_group(act vigie.action, params jsonb, together uuid[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN w.worst = 'B' AND cardinality(together) > 10 THEN 'C' ELSE coalesce(w.worst, 'D') END
        FROM (SELECT max(vigie.classify(act, params, e, together)) AS worst
              FROM vigie.equipment e WHERE e.equipment_id = ANY (together)) AS w);
END $$;

-- The refusal, or null when the command may be taken. `kind` and `class` were found before.
CREATE OR REPLACE FUNCTION vigie.judge(
    ord vigie.command, now timestamptz, may_pilot boolean, shift_open boolean, act vigie.action, kind text,
    state vigie.equipment_state, alone jsonb, whole text
) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    refusal text;
BEGIN
    IF NOT may_pilot THEN RETURN 'not_allowed'; END IF;
    IF NOT shift_open THEN RETURN 'shift_over'; END IF;
    IF act.kind IS DISTINCT FROM judge.kind THEN RETURN 'no_such_action'; END IF;
    IF NOT vigie.accepts(act.parameter, ord.params) THEN RETURN 'bad_parameters'; END IF;
    refusal := vigie.programme_refusal(act, ord.equipment_id, ord.params, now);
    IF refusal IS NOT NULL THEN RETURN refusal; END IF;
    IF EXISTS (SELECT FROM vigie.stopping(ord.equipment_id, act.class = 'A', vigie.goes_safe(act, ord.params))) THEN
        RETURN 'crew_lock';
    END IF;
    IF ord.class = 'L' THEN RETURN 'not_offered'; END IF;
    refusal := vigie.procedure_refusal(ord, alone, whole, act, now);
    IF refusal IS NOT NULL THEN RETURN refusal; END IF;
    IF ord.issued_at < (SELECT epoch_began FROM vigie.metropolis) THEN RETURN 'before_epoch'; END IF;
    IF ord.issued_at > now + interval '30 seconds' THEN RETURN 'clock_skew'; END IF;
    IF ord.expires_at - ord.issued_at > (SELECT c.life FROM vigie.command_class c WHERE c.class = ord.class) THEN
        RETURN 'life_too_long';
    END IF;
    IF now > ord.expires_at THEN RETURN 'expired'; END IF;

    -- R3: an end exists, lies ahead, and within the longest effect.
    IF (act.max_effect IS NULL) <> (ord.effect_until IS NULL)
        OR ord.effect_until <= ord.issued_at OR ord.effect_until > ord.issued_at + act.max_effect
    THEN
        RETURN 'effect_unbounded';
    END IF;

    -- R4: the control version seen still holds, on a value that is one.
    IF ord.class = 'A' THEN RETURN NULL; END IF;
    IF vigie.overtaken(ord) THEN RETURN 'overtaken'; END IF;
    IF vigie.goes_safe(act, ord.params) THEN RETURN NULL; END IF;
    -- Danger is never asked blind, whoever approves it.
    IF ord.without_visibility AND ord.class <> 'D' THEN
        RETURN CASE WHEN vigie.is_blank(ord.reason) THEN 'reason_needed' END;
    END IF;
    IF state.equipment_id IS NULL THEN RETURN 'no_visibility'; END IF;
    IF state.control_version <> ord.seen_control_version THEN RETURN 'control_changed'; END IF;
    IF state.quality = 'never' OR state.reach <> 'reachable' OR state.observed_at IS NULL
        OR now - state.observed_at > (SELECT f.fresh_for FROM vigie.freshness f
                                        WHERE f.kind = judge.kind AND f.source IN (state.source, '')
                                        ORDER BY f.source DESC LIMIT 1)
    THEN
        RETURN 'no_visibility';
    END IF;
    RETURN NULL;
END $$;
