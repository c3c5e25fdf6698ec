/** Rivers of the fake city: two reaches, one of them unknown, and its gauges, one of them lost. */
import type { FloodView, GaugeSheet, GaugeView, LevelView, ObjectLine, UnderWater } from "../bindings";
import { HostError } from "../host";
import type { Answers, Room } from "./room";

const LEVELS: LevelView[] = [
  { height_mm: 600, name: "Chemins de berge", procedure: "Fermer les chemins de berge." },
  { height_mm: 1700, name: "Quai bas", procedure: "Fermer les rues basses." },
];

export class FakeRivers {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  answers(): Answers<"flood" | "gauge" | "under_water"> {
    return {
      flood: () => this.#flood(),
      gauge: ({ equipment_id }) => this.#sheet(equipment_id),
      under_water: ({ height_mm }) => this.#water(height_mm),
    };
  }

  get #lines(): ObjectLine[] {
    return this.#room.lines.filter(({ kind }) => kind === "gauge");
  }

  #flood(): FloodView {
    const at = this.#room.heard - 3_600_000;
    const reach = (code: string, name: string, vigilance: "orange" | null): FloodView["reaches"][number] => ({ reach_id: code, code, name, vigilance, since: at, bulletin_at: at, outdated: false, geometry: null });
    return {
      reaches: [reach("OU1", "Ouche amont", "orange"), reach("OU2", "Ouche aval", null)],
      gauges: this.#lines.map((line, i) => this.#gauge(line, i === 0)).sort((a, b) => Number(b.lost !== null) - Number(a.lost !== null)),
      bulletin_at: at, attributions: ["© VIGICRUES"],
    };
  }

  #gauge(line: ObjectLine, lost: boolean): GaugeView {
    const height = lost ? null : Number(line.reading.height_mm ?? 640);
    return {
      equipment_id: line.equipment_id, point: line.point, reference: line.reference, name: line.name, river: "L'Ouche", height_mm: height, flow_l_s: lost ? null : 8_400,
      observed_at: this.#room.heard - (lost ? 7_200_000 : 600_000), source: "hubeau", quality: "good", freshness: line.freshness, course: lost ? null : "rising", cm_per_hour: lost ? null : 12.4,
      lost: lost ? "silent" : null, lost_since: lost ? this.#room.heard - 7_200_000 : null, reached: null,
      thresholds: [{ kind: "watch", height_mm: 1200, words: "" }, { kind: "alert", height_mm: 1700, words: "Quai bas" }],
      next: lost ? null : "watch", next_in_ms: lost ? null : 7_200_000,
    };
  }

  #sheet(id: string): GaugeSheet {
    const at = this.#lines.findIndex(({ equipment_id }) => equipment_id === id);
    const line = this.#lines[at];
    if (line === undefined) throw new HostError({ code: "not_found", message: id });
    const now = this.#room.heard;
    return {
      gauge: this.#gauge(line, at === 0),
      heights: Array.from({ length: 48 }, (_, i) => ({ at: now - (47 - i) * 900_000, mm: 400 + i * 5 })),
      past_floods: [{ name: "mai 2013", height_mm: 2410 }],
      forecasts: [{ quantity: "height", issued_at: now, source: "vigicrues", points: [1, 2, 3].map((n) => ({ at: now + n * 3_600_000, low: 640 + n * 60, mean: 640 + n * 100, high: 640 + n * 160 })) }],
      levels: LEVELS,
    };
  }

  #water(height: number): UnderWater {
    const wet = this.#room.lines.filter(({ kind }) => kind === "street_light").slice(0, 3);
    return {
      levels: LEVELS.filter(({ height_mm }) => height_mm <= height).reverse(), zones: ["Ouche, lac Kir"], zones_missing: 0,
      buildings: this.#room.lines.filter(({ kind }) => kind === "building").slice(0, 1), equipment: [{ kind: "street_light", objects: 12, first: wet }],
      roads: ["Quai Nicolas Rolin"], calls: [{ who: "Voirie", phone: "03 80 00 00 00" }], switch_off: [], switch_off_unknown: ["AR-009"],
    };
  }
}
