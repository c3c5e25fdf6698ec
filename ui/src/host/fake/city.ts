/** A small invented city, for `npm run dev` and for the interface's own tests. Nothing of it is in the bundle that ships. */
import type { ActionView, CameraCone, City, ClassCode, EquipmentKind, Freshness, Look, Mark, Mode, ObjectLine, ParameterView, Params, Quality, Reading, ServiceView } from "../bindings";
import { KINDS } from "../../map/state";
import { random, type Random } from "./random";

/** An object of the fake city with its state. */
export interface FakeObject {
  line: ObjectLine;
  street: string;
  attributes: { [key in string]: number | boolean | string };
  quality: Quality;
  mode: Mode;
  target: Params | null;
  effectUntil: number | null;
  controlVersion: number;
  reachable: boolean;
  /** Code; empty for none. */
  service: string;
  phone: string | null;
}

export interface FakeCity {
  city: City;
  objects: FakeObject[];
}

const CENTRE = { lon: 5.0415, lat: 47.322 };
const STREETS = ["Rue des Tanneurs", "Rue du Four", "Avenue des Peupliers", "Rue de la Source", "Boulevard du Levant", "Rue Haute", "Cours du Mail", "Rue des Lavandières"];
const COMMUNES = [
  { name: "Dijon", lon: 5.0415, lat: 47.322, population: 159_941 }, { name: "Talant", lon: 4.999, lat: 47.339, population: 11_986 },
  { name: "Chenôve", lon: 5.006, lat: 47.291, population: 14_299 }, { name: "Quetigny", lon: 5.105, lat: 47.314, population: 9_500 },
  { name: "Longvic", lon: 5.064, lat: 47.288, population: 8_900 }, { name: "Saint-Apollinaire", lon: 5.084, lat: 47.333, population: 7_700 },
];
const FRESH: Record<EquipmentKind, number> = {
  signal_junction: 180, camera: 300, bollard: 600, message_sign: 900, pump: 900, street_light: 2700, building: 2700, gauge: 7200, container: 93_600, cabinet: 900, substation: 900,
};

/** How long a value of a kind stays fresh, ms. */
export function freshFor(kind: EquipmentKind): number {
  return FRESH[kind] * 1000;
}

const COUNTS: readonly [EquipmentKind, number, string][] = [
  ["signal_junction", 24, "TL"], ["camera", 40, "CAM"], ["gauge", 6, "J"], ["container", 60, "CV"], ["bollard", 8, "BO"],
  ["building", 20, "BAT"], ["message_sign", 6, "PMV"], ["pump", 4, "PO"], ["cabinet", 4, "ARM"], ["substation", 2, "PE"],
];

export const SERVICES: readonly ServiceView[] = [
  { code: "EP", name: "Éclairage public", phone: "03 53 01 40 10" }, { code: "SIG", name: "Signalisation", phone: "03 53 01 40 20" }, { code: "CSU", name: "Vidéoprotection (CSU)", phone: "03 53 01 40 30" },
  { code: "EAU", name: "Eau et assainissement", phone: "03 53 01 40 40" }, { code: "PRO", name: "Propreté", phone: "03 53 01 40 50" }, { code: "PAT", name: "Patrimoine bâti", phone: "03 53 01 40 60" },
  { code: "VOI", name: "Voirie", phone: "03 53 01 40 70" },
];
const SERVICE_OF: Partial<Record<EquipmentKind, string>> = {
  street_light: "EP", cabinet: "EP", signal_junction: "SIG", message_sign: "SIG", camera: "CSU", gauge: "EAU", pump: "EAU", container: "PRO", building: "PAT", bollard: "VOI",
};

export function fakeCity(lights: number, now: number): FakeCity {
  const chance = random(7);
  const objects: FakeObject[] = [];
  const add = (kind: EquipmentKind, reference: string, name: string, lon: number, lat: number, street: string): FakeObject => {
    const point = objects.length + 1;
    const commune = COMMUNES.reduce((best, c) => (Math.hypot(c.lon - lon, c.lat - lat) < Math.hypot(best.lon - lon, best.lat - lat) ? c : best));
    const age = chance() * Math.min(FRESH[kind], 1200) * 0.6;
    const line: ObjectLine = {
      equipment_id: `00000000-0000-7000-8000-${String(point).padStart(12, "0")}`, point, reference, name, kind, commune: commune.name, lon, lat,
      look: "normal", marks: [], freshness: "live", reading: reading(kind, chance), observed_at: Math.round(now - age * 1000), lock: null,
    };
    const made: FakeObject = {
      line, street, attributes: {}, quality: "good", mode: "programme", target: null, effectUntil: null, controlVersion: 1,
      reachable: true, service: SERVICE_OF[kind] ?? "", phone: kind === "signal_junction" || kind === "bollard" || kind === "pump" ? "03 53 01 12 34" : null,
    };
    objects.push(made);
    return made;
  };
  const perStreet = 24;
  for (let i = 0; i < lights; i += perStreet) {
    const hub = COMMUNES[chance() < 0.55 ? 0 : Math.floor(chance() * COMMUNES.length)]!;
    const angle = (Math.floor(chance() * 4) * Math.PI) / 4 + chance() * 0.2;
    const lon = hub.lon + (chance() - 0.5) * 0.07;
    const lat = hub.lat + (chance() - 0.5) * 0.035;
    const street = STREETS[Math.floor(chance() * STREETS.length)]!;
    for (let n = 0; n < Math.min(perStreet, lights - i); n++) {
      const light = add("street_light", `L-${String(i + n + 1).padStart(5, "0")}`, `${street} ${2 * n + 1}`, lon + Math.cos(angle) * n * 0.00038, lat + Math.sin(angle) * n * 0.00027, street);
      light.attributes = { rank: n + 1, crossing: n === 0, safety_level: 30 };
      if (chance() < 0.012) light.line.reading = { level: 0, power_w: 0, fault: "lamp" };
    }
  }
  const cameras: CameraCone[] = [];
  for (const [kind, count, prefix] of COUNTS) {
    for (let n = 1; n <= count; n++) {
      const lon = CENTRE.lon + (chance() - 0.5) * 0.09;
      const lat = CENTRE.lat + (chance() - 0.5) * 0.05;
      const street = STREETS[Math.floor(chance() * STREETS.length)]!;
      const reference = `${prefix}-${String(n).padStart(3, "0")}`;
      const made = add(kind, reference, `${NAMES[kind]} ${String(n).padStart(3, "0")} ${street.split(" ").at(-1)!}`, lon, lat, street);
      if (kind === "camera") {
        const cone = { heading: Math.round(chance() * 360), fov: n % 6 === 0 ? 360 : 70, range_m: 60 };
        made.attributes = cone;
        cameras.push({ equipment_id: made.line.equipment_id, point: made.line.point, lon, lat, ...cone });
      }
    }
  }
  wound(objects, now);
  for (const object of objects) refresh(object, now);
  return { city: ground(objects, cameras), objects };
}

/** What is abnormal at the start: enough to see each form. */
function wound(objects: readonly FakeObject[], now: number): void {
  const nth = (kind: EquipmentKind, n: number): FakeObject => objects.filter((object) => object.line.kind === kind)[n]!;
  nth("signal_junction", 4).line.reading = { aspect: "dark", plan: 3, fault: "controller" };
  nth("signal_junction", 9).line.reading = { aspect: "flashing", plan: 2, fault: null };
  nth("camera", 3).line.reading = { picture: "frozen", fault: null };
  nth("container", 5).line.reading = { fill: 96, temperature_c: 14, fault: null };
  nth("container", 8).line.observed_at = now - 40 * 3_600_000;
  nth("gauge", 1).line.reading = { height_mm: 1840, flow_l_s: 22_400, trend_mm_h: 60 };
  nth("building", 2).line.reading = { heating_c: 19, fire: false, intrusion: true, lift: false, fault: null };
  const silent = nth("gauge", 2);
  silent.quality = "never";
  silent.line.reading = {};
  silent.line.observed_at = null;
  // One concentrator is silent: its lights are out of reach, and their values grow old.
  for (const object of objects.slice(240, 312)) {
    object.reachable = false;
    object.line.observed_at = now - 3 * 3_600_000;
  }
}

const NAMES: Record<EquipmentKind, string> = {
  street_light: "Luminaire", signal_junction: "Carrefour", camera: "Caméra", gauge: "Station", container: "Conteneur", bollard: "Borne",
  building: "École", message_sign: "Panneau", pump: "Pompe", cabinet: "Armoire", substation: "Poste",
};

function reading(kind: EquipmentKind, chance: Random): Reading {
  switch (kind) {
    case "street_light": return { level: 70, power_w: 42, fault: null };
    case "signal_junction": return { aspect: "normal", plan: 1 + Math.floor(chance() * 4), fault: null };
    case "camera": return { picture: "live", fault: null };
    case "gauge": return { height_mm: 400 + Math.round(chance() * 500), flow_l_s: 6000, trend_mm_h: -4 };
    case "container": return { fill: Math.round(chance() * 80), temperature_c: 11, fault: null };
    case "bollard": return { position: "up", fault: null };
    case "building": return { heating_c: 19, fire: false, intrusion: false, lift: false, fault: null };
    case "message_sign": return { text: null, fault: null };
    case "pump": return { running: false, fault: null };
    case "cabinet": return { supply: true, door: "closed", fault: null };
    case "substation": return { supply: true };
  }
}

function aged({ line, reachable }: FakeObject, now: number): Freshness {
  if (line.observed_at === null) return "never";
  if (!reachable) return "unreachable";
  const age = now - line.observed_at;
  return age > freshFor(line.kind) ? "stale" : age > freshFor(line.kind) * 0.6 ? "ageing" : "live";
}

/** Look, freshness and marks from the state, as the core derives them. */
export function refresh(object: FakeObject, now: number, command: Mark | null = null): void {
  const { line } = object;
  const { reading: said } = line;
  const marks: Mark[] = [];
  if (command) marks.push(command);
  if (object.mode === "override") marks.push("override");
  line.marks = marks;
  line.freshness = aged(object, now);
  line.look = look(object, said);
}

function look(object: FakeObject, said: Reading): Look {
  if (object.quality === "never" || object.quality === "bad") return "no_value";
  if (said.aspect === "dark" || said.fire === true) return "danger";
  if (said.fault || said.picture === "frozen" || said.intrusion === true) return "fault";
  if (said.aspect === "flashing" || (typeof said.fill === "number" && said.fill >= 90) || (typeof said.trend_mm_h === "number" && said.trend_mm_h >= 50)) return "notice";
  if ((typeof said.level === "number" && said.level > 0) || said.running === true || typeof said.text === "string") return "active";
  return "normal";
}

/** A zone as it was loaded. */
const UNCHANGED = { revision: 0, changed_by: "", changed_at: null };

function ground(objects: readonly FakeObject[], cameras: CameraCone[]): City {
  const square = (lon: number, lat: number, w: number, h: number): number[][][] => [[[lon - w, lat - h], [lon + w, lat - h], [lon + w, lat + h], [lon - w, lat + h], [lon - w, lat - h]]];
  return {
    generation: 1,
    communes: COMMUNES.map((c, i) => ({ insee_code: `2100${i}`, name: c.name, lon: c.lon, lat: c.lat, population: c.population, outline: { type: "Polygon", coordinates: square(c.lon, c.lat, 0.036, 0.018) } })),
    ground: [
      { kind: "river", name: "L'Ouche", geometry: { type: "LineString", coordinates: [[4.93, 47.331], [4.975, 47.33], [5.012, 47.321], [5.045, 47.306], [5.08, 47.286], [5.14, 47.262]] } },
      { kind: "motorway", name: "Rocade", geometry: { type: "LineString", coordinates: [[5.0, 47.355], [5.06, 47.35], [5.1, 47.33], [5.1, 47.3]] } },
      { kind: "rail", name: "", geometry: { type: "LineString", coordinates: [[4.97, 47.3], [5.027, 47.3234], [5.07, 47.28]] } },
      { kind: "tram", name: "T1", geometry: { type: "MultiLineString", coordinates: [[[5.027, 47.3234], [5.06, 47.32], [5.105, 47.314]]] } },
      { kind: "lake", name: "Lac Kir", geometry: { type: "Polygon", coordinates: [[[4.978, 47.3305], [4.99, 47.3285], [5.0, 47.3265], [4.998, 47.331], [4.98, 47.334], [4.978, 47.3305]]] } },
    ],
    zones: [
      { zone_id: "z1", reference: "Z-01", name: "Zone vidéo Centre", kind: "cctv", outline: { type: "Polygon", coordinates: square(5.041, 47.322, 0.008, 0.004) }, ...UNCHANGED },
      { zone_id: "z2", reference: "ZI-01", name: "Zone inondable", kind: "flood", outline: { type: "Polygon", coordinates: square(5.06, 47.298, 0.012, 0.004) }, ...UNCHANGED },
      { zone_id: "z3", reference: "BF-01", name: "École fermée", kind: "closed_building", outline: { type: "Polygon", coordinates: square(5.048, 47.326, 0.0007, 0.0004) }, ...UNCHANGED },
    ],
    services: [...SERVICES], cameras, schematic: true,
    counts: KINDS.map((kind) => objects.filter((object) => object.line.kind === kind).length),
  };
}

const NONE: ParameterView = { type: "none" };

/** The actions offered on a kind, as the core's catalogue has them. */
export function actionsOf(kind: EquipmentKind): ActionView[] {
  const make = (verb: string, cls: ClassCode, parameter: ParameterView = NONE, hours: number | null = null, safe = false): ActionView => ({
    code: `${kind}.${verb}`, class: cls, parameter, max_effect_minutes: hours === null ? null : hours * 60, safe_direction: safe,
  });
  const read = make("read", "A");
  switch (kind) {
    case "street_light": return [read, make("set_level", "B", { type: "number", key: "level", min: 0, max: 100 }, 12), make("to_programme", "B", NONE, null, true)];
    case "signal_junction": return [read, make("set_plan", "C", { type: "number", key: "plan", min: 1, max: 8 }, 12), make("to_programme", "C", NONE, null, true), make("flash", "D", NONE, 1), make("all_red", "D", NONE, 1), make("dark", "D", NONE, 1)];
    case "camera": return [read, make("move", "L", NONE, 1)];
    case "bollard": return [read, make("raise", "D", NONE, 1), make("lower", "D", NONE, 1)];
    case "building": return [read, make("set_heating", "C", { type: "number", key: "heating_c", min: 5, max: 23 }, 12), make("to_programme", "C", NONE, null, true)];
    case "message_sign": return [read, make("show_approved", "B", { type: "one_of", key: "text", values: ["DÉVIATION", "TRAVAUX", "PRUDENCE"] }, 12), make("show_text", "C", { type: "text", key: "text", max: 60 }, 12), make("to_programme", "B", NONE, null, true)];
    case "pump": return [read, make("start", "D", NONE, 1), make("stop", "D", NONE, 1)];
    default: return [read];
  }
}
