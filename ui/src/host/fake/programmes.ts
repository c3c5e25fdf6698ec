/** Programmes in the fake city: enough of them to see every drawing. The rules, dusk and dawn are the core's. */
import type { Change, Content, NightPreview, ProgrammePreview, ProgrammeView, SaveProgrammeArgs, Setting, Step } from "../bindings";
import { HostError } from "../host";

const DAY = 86_400_000;
const MINUTE = 60_000;

function content(name: string, low: number): Content {
  const night = (at: number): Step[] => [
    { from: "dusk", minutes: 0, level: 100, plan: null }, { from: "clock", minutes: at, level: low, plan: null },
    { from: "clock", minutes: 300, level: 100, plan: null }, { from: "dawn", minutes: 0, level: 0, plan: null },
  ];
  return {
    name, valid_from: "2026-11-01", valid_until: null, plans: [], default: "Semaine",
    programmes: [{ name: "Semaine", steps: night(1_410) }, { name: "Week-end", steps: night(60) }],
    rules: [{ programme: "Week-end", days: ["fri", "sat"], from: null, until: null }],
  };
}

export class FakeProgrammes {
  readonly all: ProgrammeView[] = [];
  #next = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    const hour = 3_600_000;
    this.#add(content("Centre, réduit la nuit", 50), {
      stage: "differs", since: now() - 2 * hour, frozen: true, objects: 340, differs: 2, silent: 12,
      differing: ["L-00007", "L-00008"].map((reference) => ({ equipment_id: reference, reference, name: "" })), former: [{ reference: "own", name: "", objects: 340 }],
    });
    this.#add(content("Quais, fêtes de fin d'année", 20), { stage: "asked", since: now() - 40_000 });
    this.#add(content("Toison d'Or, essai", 30), {});
  }

  save(args: SaveProgrammeArgs): { programme_id: string } {
    const known = this.all.find((programme) => programme.programme_id === args.programme_id);
    if (!known) return { programme_id: this.#add(args.content, { kind: args.kind }).programme_id };
    if (known.frozen) throw new HostError({ code: "programme_in_use", message: "" });
    Object.assign(known, { content: args.content, revision: known.revision + 1, changed_at: this.#now(), since: this.#now() });
    return { programme_id: known.programme_id };
  }

  drop(id: string): void {
    const at = this.all.findIndex((programme) => programme.programme_id === id);
    if (at >= 0) this.all.splice(at, 1);
  }

  /** Dusk at 17:10 and dawn at 7:30 every night: only their place in the drawing matters here. */
  preview(said: Content): ProgrammePreview {
    const named = said.name.trim() !== "";
    if (!named) return { invalid: [{ code: "name", within: "", step: null }], preview: null };
    const lowest = Math.min(...said.programmes.flatMap(({ steps }) => steps.filter(({ from }) => from !== "dawn").map(({ level }) => level ?? 100)));
    const first = Date.UTC(2026, 10, 26);
    const nights = [0, 1, 2, 3, 4, 5, 6].map((n) => this.#night(said, first + n * DAY, "ordinary"));
    nights.push(this.#night(said, Date.UTC(2027, 2, 27), "spring"), this.#night(said, Date.UTC(2027, 9, 30), "autumn"));
    return { invalid: [], preview: { nights, lowest, below_safety: lowest < 30 } };
  }

  #night(said: Content, date: number, of: NightPreview["of"]): NightPreview {
    const weekend = new Date(date).getUTCDay() >= 5 && said.programmes.length > 1;
    const programme = said.programmes[weekend ? 1 : 0];
    const begins = date + 11 * 60 * MINUTE;
    const at = (step: Step): number => {
      if (step.from === "dusk") return date + (16 * 60 + 10 + step.minutes) * MINUTE;
      if (step.from === "dawn") return date + DAY + (6 * 60 + 30 + step.minutes) * MINUTE;
      return date + (step.minutes < 720 ? DAY : 0) + (step.minutes - 60) * MINUTE;
    };
    const local = (when: number): string => `${new Date(when + 60 * MINUTE).toISOString().slice(0, 16).replace("T", " ")} +01:00`;
    const sets = (step: Step): Setting => ({ level: step.level ?? 0 });
    const changes: Change[] = (programme?.steps ?? []).map((step, index) => ({ at: at(step), local: local(at(step)), from: step.from, minutes: step.minutes, sets: sets(step), step: index + 1, hour: of === "autumn" && index === 1 ? "doubled" : "plain" }));
    changes.sort((a, b) => a.at - b.at);
    const dark = changes.find((change) => change.from === "clock" && "level" in change.sets && change.sets.level < 30);
    const dusk = date + (16 * 60 + 10) * MINUTE;
    const dawn = date + DAY + (6 * 60 + 30) * MINUTE;
    return {
      date: new Date(date).toISOString().slice(0, 10), of, programme: programme?.name ?? null, dusk, dawn, dusk_local: local(dusk), dawn_local: local(dawn),
      begins, ends: begins + DAY + (of === "spring" ? -60 : of === "autumn" ? 60 : 0) * MINUTE, before: { level: 0 }, changes,
      noticed: [
        ...(dark ? [{ code: "below_safety" as const, local: dark.local, step: dark.step }] : []),
        ...(of === "autumn" && changes[1] ? [{ code: "doubled_hour" as const, local: changes[1].local, step: changes[1].step }] : []),
      ],
    };
  }

  #add(said: Content, stands: Partial<ProgrammeView>): ProgrammeView {
    const programme_id = `01900000-0000-7000-8000-7${String(this.#next++).padStart(11, "0")}`;
    const made: ProgrammeView = {
      programme_id, revision: 1, reference: `${programme_id}/1`, kind: "lighting", content: said, lowest: 50, stage: "draft", since: this.#now(), author: "C. Martin",
      changed_at: this.#now(), frozen: false, objects: 0, differing: [], differs: 0, silent: 0, under_way: 0, unanswered: 0, request_id: null, former: [], may_write: true, ...stands,
    };
    this.all.push(made);
    return made;
  }
}
