// Made by `cargo xtask bindings` from the api's types. Do not edit.

export type JsonValue = number | string | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type Timestamp = number;

export type EquipmentId = string;

export type ZoneId = string;

export type CommandId = string;

export type GroupId = string;

export type SavedGroupId = string;

export type RecordId = string;

export type AlarmId = string;

export type DeskId = string;

export type RequestId = string;

export type ProgrammeId = string;

export type EquipmentKind = "street_light" | "signal_junction" | "camera" | "gauge" | "container" | "bollard" | "building" | "message_sign" | "pump" | "cabinet" | "substation";

export type Freshness = "live" | "ageing" | "stale" | "unreachable" | "never";

export type Break = "link" | "gateway" | "device";

export type PlaceKind = "commune" | "zone" | "street";

export type Look = "normal" | "active" | "notice" | "fault" | "danger" | "no_value";

export type Mark = "pending" | "unknown" | "override";

export type Mode = "programme" | "override" | "manual" | "out_of_service";

export type Quality = "good" | "uncertain" | "bad" | "never";

export type Reach = "reachable" | "gateway_lost" | "device_lost";

export type Reading = { [key in string]: number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null };

export type Params = { [key in string]: number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null };

export type ClassCode = "A" | "B" | "C" | "D" | "L";

export type CommandState = "drafted" | "noted" | "intent" | "reissued" | "abandoned" | "superseded" | "void" | "queued" | "awaiting_key" | "submitted" | "unsettled" | "never_received" | "accepted" | "dispatching" | "dispatched" | "executed" | "confirmed" | "failed" | "unknown" | "late_done" | "late_failed" | "closed" | "rejected" | "expired" | "cancelled";

export type CommandEventCode = "note" | "keep" | "queue" | "submit" | "reissue" | "abandon" | "supersede" | "void" | "await_key" | "lose_reply" | "never_received" | "accept" | "reject" | "start_dispatch" | "publish" | "gateway_restart" | "execute" | "fail" | "confirm" | "silence" | "late_done" | "late_fail" | "close" | "expire" | "cancel";

export type EffectState = "in_force" | "ended" | "overdue" | "contradicted";

export type Word = "to_send" | "under_way" | "done" | "refused" | "unknown";

export type Refusal = "malformed" | "unknown_kind" | "no_account" | "not_allowed" | "no_such_object" | "no_such_action" | "bad_parameters" | "held_by_other_desk" | "needs_second_person" | "not_approved" | "approval_over" | "approval_used" | "approval_differs" | "not_selected" | "not_alone" | "caller_needed" | "sole_too_long" | "sole_spent" | "declined" | "second_may_answer" | "not_offered" | "expired" | "life_too_long" | "clock_skew" | "effect_unbounded" | "control_changed" | "no_visibility" | "reason_needed" | "crew_lock" | "overtaken" | "same_person" | "shift_over" | "illegal_event" | "after_settle" | "before_epoch" | "not_signed" | "no_such_programme" | "not_former" | "programme_in_use" | "no_such_zone" | "zone_changed" | "reference_taken" | "behind";

export type Refused = "live_needs_reach" | "no_visibility" | "reason_needed" | "clock_skew" | "no_shift" | "crew_lock" | "draft_only";

export type Admission = "send" | "queue" | "keep" | "note" | { "refuse": Refused };

export type ChosenBy = "hand" | "street" | "cabinet" | "commune" | "area" | "saved";

export type Excluded = "other_kind" | "not_allowed" | "locked" | "out_of_reach" | "not_fresh" | "already_so" | "left_out" | "gone";

export type Seen = { 
/**
 * The reading shown; empty when never seen.
 */
reading: Reading, 
/**
 * When it was measured.
 */
observed_at: Timestamp | null, 
/**
 * Its version.
 */
version: number, 
/**
 * The precondition.
 */
control_version: number, };

export type RequestState = "asked" | "approved" | "declined" | "void" | "used" | "expired";

export type VoidReason = "control_changed" | "consequence_changed" | "withdrawn" | "replaced" | "shift_over" | "operated_alone" | "clock_jump" | "session_suspended" | "programme_changed";

export type SoleReason = "emergency_vehicle" | "life_in_danger" | "fire" | "public_order" | "equipment_danger";

export type Stage = "ask" | "waiting" | "declined" | "over" | "select" | "operate";

export type FindingCode = "crew" | "works" | "bus_line" | "tram_line" | "event" | "flood_zone" | "cctv_zone" | "camera" | "other_desk" | "under_way";

export type Level = "against" | "mind" | "helps" | "not_known";

export type Finding = { 
/**
 * What was looked for.
 */
code: FindingCode, 
/**
 * What it means.
 */
level: Level, 
/**
 * Which ones, by name or reference; empty when not known.
 */
what: Array<string>, };

export type Consequence = { 
/**
 * Objects.
 */
objects: number, 
/**
 * Streets that they stand in.
 */
streets: number, 
/**
 * Lights among them.
 */
lights: number, 
/**
 * Signal junctions among them.
 */
junctions: number, 
/**
 * Buildings among them.
 */
buildings: number, 
/**
 * Crews on site; none when no source tells.
 */
crews: number | null, };

export type Check = { 
/**
 * What it would do.
 */
consequence: Consequence, 
/**
 * What stands near, what speaks against it first.
 */
findings: Array<Finding>, };

export type Motion = { 
/**
 * Turning.
 */
pan: number, 
/**
 * Nodding.
 */
tilt: number, 
/**
 * Nearing.
 */
zoom: number, };

export type LinkState = "starting" | "live" | "late" | "lost" | "returning";

export type MetropolisMode = "live" | "rehearsal" | "training";

export type OutboxState = "open" | "handed" | "done";

export type Role = "remote_operator" | "supervisor" | "call_agent" | "cctv_operator" | "social_worker" | "field_manager" | "manager" | "it_admin" | "auditor" | "gateway" | "house";

export type OutcomeStatus = "applied" | "refused" | "never_received";

export type LogKind = "event" | "decision";

export type LinkKind = "equipment" | "zone" | "command";

export type Link = { 
/**
 * What it is.
 */
kind: LinkKind, 
/**
 * Its identifier.
 */
id: string, };

export type RecordState = "queued" | "submitted" | "unsettled" | "refused" | "accepted" | "shown" | "abandoned";

export type Authenticity = "signed" | "unsigned" | "key_unknown" | "forged";

export type LockState = "asked" | "in_force" | "lifted" | "withdrawn";

export type LiftWay = "holder" | "forced";

export type HolderSaid = "clear" | "no_answer";

export type HandlingKind = "acknowledge" | "shelve" | "unshelve" | "assign";

export type HandlingEffect = "done" | "already" | "re_raised" | "more_urgent" | "over" | "gone" | "too_long" | "passed" | "not_by_this_role" | "not_shelved" | "no_such_desk";

export type ShelveReason = "known_fault" | "works" | "crew_on_site" | "sensor_fault" | "chattering" | "weather" | "test";

export type SiteWork = "not_known" | "none" | "works" | "crew";

export type NoticeReason = "untaken" | "room_empty" | "operated_alone";

export type LoadWord = "acceptable" | "manageable" | "demanding" | "too_much";

export type SourceState = "live" | "failing" | "stale" | "never_heard";

export type Vigilance = "green" | "yellow" | "orange" | "red";

export type Course = "rising" | "falling" | "steady";

export type ThresholdKind = "watch" | "alert" | "danger";

export type Quantity = "height" | "flow";

export type Call = { 
/**
 * Who.
 */
who: string, 
/**
 * Number.
 */
phone: string, };

export type ZoneKind = "cctv" | "flood" | "closed_building" | "district";

export type ZoneFault = "reference" | "name" | "kind" | "not_a_polygon" | "too_few" | "too_many" | "out_of_bounds" | "crosses" | "orientation" | "hole_outside";

export type ProgrammeKind = "lighting" | "signals";

export type Anchor = "clock" | "dusk" | "dawn";

export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" | "holiday";

export type NamedPlan = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its number, 1 to 8.
 */
number: number, };

export type Step = { 
/**
 * What its time is counted from.
 */
from: Anchor, 
/**
 * Minutes: after midnight (0 to 1439), or from dusk or dawn (-180 to 180).
 */
minutes: number, 
/**
 * Of lighting: the level, %.
 */
level: number | null, 
/**
 * Of signals: the name of the plan.
 */
plan: string | null, };

export type Setting = { "level": number } | { "plan": [string, number] };

export type ControlProgramme = { 
/**
 * What the calendar calls it.
 */
name: string, 
/**
 * Its steps, in the order in which they are meant.
 */
steps: Array<Step>, };

export type Rule = { 
/**
 * The control programme.
 */
programme: string, 
/**
 * Days of the week, and public holidays; empty for all. A holiday is a day of the week as well: the rule that means it
 * stands before those of the week.
 */
days: Array<Day>, 
/**
 * From this date on.
 */
from: string | null, 
/**
 * Up to and with this date.
 */
until: string | null, };

export type Content = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Its first day (of lighting: the evening). Before it the device follows its own programme.
 */
valid_from: string, 
/**
 * Its last day; none while nobody knows. After it the device follows its own programme.
 */
valid_until: string | null, 
/**
 * Of signals: its plans by name.
 */
plans: Array<NamedPlan>, 
/**
 * Its control programmes.
 */
programmes: Array<ControlProgramme>, 
/**
 * Which is chosen when: the first rule that fits.
 */
rules: Array<Rule>, 
/**
 * Which is chosen when no rule fits.
 */
default: string, };

export type InvalidCode = "name" | "same_name" | "how_many" | "time" | "no_sun" | "level" | "plan_number" | "sets" | "no_such_programme" | "dates";

export type Invalid = { 
/**
 * What.
 */
code: InvalidCode, 
/**
 * In which control programme, plan or rule, by its name; empty for the whole.
 */
within: string, 
/**
 * At which of its steps, from 1.
 */
step: number | null, };

export type Hour = "plain" | "missing" | "doubled";

export type Change = { 
/**
 * When.
 */
at: Timestamp, 
/**
 * The same as whoever stands there reads it, with its offset: `2026-10-25 02:30 +02:00`.
 */
local: string, 
/**
 * What its time is counted from.
 */
from: Anchor, 
/**
 * By so many minutes.
 */
minutes: number, 
/**
 * What holds from then on.
 */
sets: Setting, 
/**
 * Which step of the control programme, from 1.
 */
step: number, 
/**
 * What the clock does around it.
 */
hour: Hour, };

export type NightOf = "ordinary" | "spring" | "autumn" | "holiday";

export type PreviewFinding = "off_by_night" | "below_safety" | "gap" | "order" | "same_time" | "missing_hour" | "doubled_hour" | "outside_dates" | "no_sun";

export type Standing = "as_applied" | "differs" | "not_reported";

export type Noticed = { 
/**
 * What.
 */
code: PreviewFinding, 
/**
 * From when on, as it is read on the spot; none for the whole night.
 */
local: string | null, 
/**
 * Which step, from 1.
 */
step: number | null, };

export type NightPreview = { 
/**
 * Its date: the evening's.
 */
date: string, 
/**
 * Why it is shown.
 */
of: NightOf, 
/**
 * The control programme that the calendar chooses; none outside the programme's dates.
 */
programme: string | null, 
/**
 * Civil dusk.
 */
dusk: Timestamp | null, 
/**
 * Civil dawn of the morning after.
 */
dawn: Timestamp | null, 
/**
 * The same as they are read on the spot.
 */
dusk_local: string | null, 
/**
 * Likewise.
 */
dawn_local: string | null, 
/**
 * When it begins: noon, or midnight.
 */
begins: Timestamp, 
/**
 * When the next one begins.
 */
ends: Timestamp, 
/**
 * What the day before left in force.
 */
before: Setting | null, 
/**
 * What changes, in order.
 */
changes: Array<Change>, 
/**
 * What is to be looked at.
 */
noticed: Array<Noticed>, };

export type Preview = { 
/**
 * Seven nights from the first on, then those in which the clock changes within the year that follows, then the next public
 * holiday where the calendar means those.
 */
nights: Array<NightPreview>, 
/**
 * The lowest level that may be in force by night, whatever the date; none for signals.
 */
lowest: number | null, 
/**
 * It is under the safety level: class D at a crossing or on three neighbours.
 */
below_safety: boolean, };

export type ApiError = { 
/**
 * Stable: the interface has a text for each (`error.<code>` in the catalogues). Codes are those of
 * `MetropolisError::code`, `StoreError::code`, `Refused`, `Refusal`, and `bad_request`, `not_ready`, `not_found`,
 * `not_training`, `illegal_event`, `link_turned`, `unsent`, `already_open`, `read_only`, `no_shared_view`, `metropolis_answers`,
 * `ground_missing`, `ground_unreadable`, `ground_refused`, `ground_offline`.
 */
code: string, 
/**
 * For the log and for support; never parsed.
 */
message: string, };

export type NoArgs = Record<symbol, never>;

export type Phase = "starting" | "sign_in" | "copying" | "ready" | "failed";

export type Progress = { 
/**
 * Table under way.
 */
table: string, 
/**
 * Rows copied so far, all tables.
 */
rows: number, };

export type Status = { 
/**
 * Where the program stands.
 */
phase: Phase, 
/**
 * Why it failed, or why signing in is asked again, or why the city shown is an old one.
 */
failure: ApiError | null, 
/**
 * The local copy of last time could not be read or was of another form: `replica_set_aside`, `replica_other_schema`
 * (text `notice.<code>`); the outbox is intact.
 */
notice: string | null, 
/**
 * Progress while copying.
 */
progress: Progress | null, 
/**
 * Name of the metropolis.
 */
metropolis: string | null, 
/**
 * Live, rehearsal or training.
 */
mode: MetropolisMode | null, 
/**
 * Login proposed or used.
 */
login: string | null, 
/**
 * Display name of the person.
 */
person: string | null, 
/**
 * Role.
 */
role: Role | null, 
/**
 * Name of the desk held.
 */
desk: string | null, 
/**
 * Planned end of the shift held.
 */
shift_ends_at: Timestamp | null, 
/**
 * Time zone of the metropolis (IANA): every hour on the screen is told in it.
 */
time_zone: string, 
/**
 * The link.
 */
link: LinkView, 
/**
 * Nobody is signed in: this is the view shared during a cut, and it commands nothing.
 */
shared: boolean, 
/**
 * The session is suspended: people, pictures and commands are hidden and refused.
 */
suspended: Suspended | null, 
/**
 * A certificate of this desk signs in: a password need not be typed.
 */
shows_certificate: boolean, 
/**
 * Certificates that end within 30 days or have ended, the first to end first.
 */
certificates: Array<CertificateNotice>, 
/**
 * What training offers; none elsewhere.
 */
training: TrainingView | null, 
/**
 * Version of the program.
 */
version: string, };

export type CertificateHolder = "desk" | "server" | "authority";

export type CertificateNotice = { 
/**
 * Whose it is.
 */
holder: CertificateHolder, 
/**
 * The file, or the server.
 */
name: string, 
/**
 * Its last instant.
 */
ends_at: Timestamp, 
/**
 * Whether it has ended.
 */
over: boolean, };

export type AccountLine = { 
/**
 * Its login.
 */
login: string, 
/**
 * Metropolis time when it last heard the metropolis from here.
 */
heard_at: Timestamp | null, 
/**
 * What it wrote here and the metropolis has not got.
 */
unsent: number, };

export type Door = { 
/**
 * The accounts that signed in on this machine, the last one first.
 */
accounts: Array<AccountLine>, 
/**
 * Metropolis time of the view that is shared during a cut; none where there is none.
 */
view_at: Timestamp | null, };

export type LinkView = { 
/**
 * Where it stands.
 */
state: LinkState, 
/**
 * Metropolis time of the last good pull: everything shown dates from it at the latest.
 */
heard_at: Timestamp | null, 
/**
 * Metropolis time now, estimated when this was made; the interface lets it run on at `clock_rate`.
 */
now: Timestamp, 
/**
 * How fast the metropolis's clock runs.
 */
clock_rate: number, 
/**
 * Why it is lost, if known (`MetropolisError::code`).
 */
error: ApiError | null, 
/**
 * What waits here.
 */
counts: Counts, };

export type Counts = { 
/**
 * Commands waiting for the link (A and B).
 */
queued: number, 
/**
 * Class B waiting for a key.
 */
awaiting_key: number, 
/**
 * Intents: noted, not sent.
 */
intents: number, 
/**
 * Own commands under way.
 */
under_way: number, 
/**
 * Own commands without an account of their outcome.
 */
unknown: number, 
/**
 * Records that the metropolis does not have yet.
 */
records: number, 
/**
 * Lanes of records whose head was refused.
 */
wedged: number, 
/**
 * What waits in the outboxes of the other accounts of this machine: only they open them.
 */
others: number, };

export type TrainingView = { 
/**
 * The plug is in: the link to the simulated metropolis is not cut.
 */
plugged: boolean, 
/**
 * Speed of the simulated clock.
 */
speed: number, 
/**
 * Scenario running.
 */
scenario: string, 
/**
 * Scenarios to choose from.
 */
scenarios: Array<string>, 
/**
 * The simulated second person answers when he is asked.
 */
second: boolean, 
/**
 * Seed of the city.
 */
seed: number, };

export type TrainingArgs = { 
/**
 * Pull the plug (false) or put it back (true).
 */
plugged: boolean | null, 
/**
 * Speed of the simulated clock, 0 (paused) to 3600.
 */
speed: number | null, 
/**
 * Start a scenario.
 */
scenario: string | null, 
/**
 * Whether the simulated second person answers, or nobody does.
 */
second: boolean | null, };

export type SignInArgs = { 
/**
 * Login.
 */
login: string, 
/**
 * Password; kept in memory for the session only.
 */
password: string, };

export type ResumeArgs = { 
/**
 * Password of the account that is signed in.
 */
password: string, };

export type Suspended = { 
/**
 * Metropolis time.
 */
since: Timestamp, 
/**
 * Nobody had touched anything for as long as the policy says.
 */
by_itself: boolean, };

export type Selection = { 
/**
 * The object; none when nothing is selected.
 */
equipment_id: EquipmentId | null, 
/**
 * The window that says so, by a name of its own choice: it ignores its own echo.
 */
window: string, };

export type SourceView = { 
/**
 * Short code.
 */
code: string, 
/**
 * Name.
 */
name: string, 
/**
 * How it stands now, as far as this desk knows.
 */
state: SourceState, 
/**
 * Kinds of equipment whose values come from it.
 */
covers: Array<EquipmentKind>, 
/**
 * Objects of these kinds that this desk knows.
 */
objects: number, 
/**
 * Last contact.
 */
contact_at: Timestamp | null, 
/**
 * Last try.
 */
tried_at: Timestamp, 
/**
 * Longest time between two contacts when all is well, ms.
 */
period_ms: number, 
/**
 * Age of its newest value at its arrival, ms.
 */
delay_ms: number | null, 
/**
 * Why the last try failed: text `source.error.<code>`.
 */
error: string | null, 
/**
 * Since when every try failed.
 */
error_since: Timestamp | null, };

export type FloodView = { 
/**
 * Reaches under vigilance, the most dangerous first, unknown ones between yellow and green.
 */
reaches: Array<ReachView>, 
/**
 * Gauges: lost ones first, then those over a threshold, the highest first, then by river and place.
 */
gauges: Array<GaugeView>, 
/**
 * The hour of the newest bulletin; none where there never was one.
 */
bulletin_at: Timestamp | null, 
/**
 * What its source asks to be shown.
 */
attributions: Array<string>, };

export type ReachView = { 
/**
 * Identifier.
 */
reach_id: string, 
/**
 * The source's code.
 */
code: string, 
/**
 * Name.
 */
name: string, 
/**
 * Its colour; none is unknown, never green.
 */
vigilance: Vigilance | null, 
/**
 * Since which bulletin.
 */
since: Timestamp, 
/**
 * The hour of the last bulletin that speaks of it.
 */
bulletin_at: Timestamp, 
/**
 * A newer bulletin must have been written by now.
 */
outdated: boolean, 
/**
 * Its line, a GeoJSON geometry; null where none was told.
 */
geometry: JsonValue, };

export type LostHow = "silent" | "flat";

export type GaugeView = { 
/**
 * Which.
 */
equipment_id: EquipmentId, 
/**
 * Its point on the map.
 */
point: number, 
/**
 * Short reference.
 */
reference: string, 
/**
 * Name.
 */
name: string, 
/**
 * On which river, may be empty.
 */
river: string, 
/**
 * Height over its own zero, mm; none where it was never told, or is lost.
 */
height_mm: number | null, 
/**
 * Flow, l/s; the same.
 */
flow_l_s: number | null, 
/**
 * When it was measured last.
 */
observed_at: Timestamp | null, 
/**
 * Where it comes from.
 */
source: string, 
/**
 * How far it can be trusted.
 */
quality: Quality, 
/**
 * What its age makes of it.
 */
freshness: Freshness, 
/**
 * Which way the water goes; none where too little was observed to say so.
 */
course: Course | null, 
/**
 * Centimetres an hour, with it.
 */
cm_per_hour: number | null, 
/**
 * How it is lost in the flood, if it is.
 */
lost: LostHow | null, 
/**
 * Since when.
 */
lost_since: Timestamp | null, 
/**
 * The highest threshold that it has come to.
 */
reached: ThresholdKind | null, 
/**
 * Its thresholds, the lowest first.
 */
thresholds: Array<ThresholdView>, 
/**
 * The next threshold that water which goes on rising so comes to.
 */
next: ThresholdKind | null, 
/**
 * In how long, ms.
 */
next_in_ms: number | null, };

export type ThresholdView = { 
/**
 * What it asks for.
 */
kind: ThresholdKind, 
/**
 * From this height on, mm.
 */
height_mm: number, 
/**
 * What it means there; empty where nobody wrote it down.
 */
words: string, };

export type PastFloodView = { 
/**
 * When, in words.
 */
name: string, 
/**
 * Its highest, mm.
 */
height_mm: number, };

export type GaugeSheet = { 
/**
 * As it stands.
 */
gauge: GaugeView, 
/**
 * What it measured, the oldest first: instant and mm.
 */
heights: Array<HeightView>, 
/**
 * Floods of the past there, the lowest first.
 */
past_floods: Array<PastFloodView>, 
/**
 * Forecasts that were given, by quantity.
 */
forecasts: Array<ForecastView>, 
/**
 * Heights from which something is under water, the lowest first.
 */
levels: Array<LevelView>, };

export type HeightView = { 
/**
 * When.
 */
at: Timestamp, 
/**
 * Height over the gauge's own zero, mm.
 */
mm: number, };

export type ForecastView = { 
/**
 * Of what.
 */
quantity: Quantity, 
/**
 * When it was made.
 */
issued_at: Timestamp, 
/**
 * Where it comes from.
 */
source: string, 
/**
 * Its instants, in order.
 */
points: Array<ForecastPointView>, };

export type ForecastPointView = { 
/**
 * For when.
 */
at: Timestamp, 
/**
 * Nine chances in ten that it is more.
 */
low: number, 
/**
 * The middle.
 */
mean: number, 
/**
 * One chance in ten that it is more.
 */
high: number, };

export type LevelView = { 
/**
 * From this height on, mm.
 */
height_mm: number, 
/**
 * What it is called.
 */
name: string, 
/**
 * What to do; may be empty.
 */
procedure: string, };

export type UnderWaterArgs = { 
/**
 * Which gauge.
 */
equipment_id: EquipmentId, 
/**
 * At which height, mm: a level may be looked at before the water is there.
 */
height_mm: number, };

export type UnderWater = { 
/**
 * The levels that the height comes to, the highest first.
 */
levels: Array<LevelView>, 
/**
 * Names of the zones under water.
 */
zones: Array<string>, 
/**
 * Zones that a level names and that are not there: the list is not whole.
 */
zones_missing: number, 
/**
 * Public buildings in them.
 */
buildings: Array<ObjectLine>, 
/**
 * Equipment in them by kind: how many of each.
 */
equipment: Array<WetKind>, 
/**
 * Named roads and streets through them.
 */
roads: Array<string>, 
/**
 * Whom to call.
 */
calls: Array<Call>, 
/**
 * What may be switched off before the water comes.
 */
switch_off: Array<ObjectLine>, 
/**
 * References under that heading that no object has.
 */
switch_off_unknown: Array<string>, };

export type WetKind = { 
/**
 * Which kind.
 */
kind: EquipmentKind, 
/**
 * How many.
 */
objects: number, 
/**
 * The first of them, by reference.
 */
first: Array<ObjectLine>, };

export type Push = { "type": "status", 
/**
 * The new one.
 */
status: Status, } | { "type": "city", 
/**
 * Its generation.
 */
generation: number, } | { "type": "commands" } | { "type": "locks" } | { "type": "zones" } | { "type": "rivers" } | { "type": "programmes" } | { "type": "procedure" } | { "type": "alarms", 
/**
 * What stands over every screen.
 */
summary: AlarmSummary, } | { "type": "records" } | { "type": "selection", 
/**
 * What it looks at.
 */
selection: Selection, };

export type City = { 
/**
 * Generation; equal to the packed points' one.
 */
generation: number, 
/**
 * Communes.
 */
communes: Array<CommuneView>, 
/**
 * Lines and areas of the ground.
 */
ground: Array<GroundView>, 
/**
 * Municipal services, by code.
 */
services: Array<ServiceView>, 
/**
 * Zones.
 */
zones: Array<ZoneView>, 
/**
 * Camera cones.
 */
cameras: Array<CameraCone>, 
/**
 * The ground was drawn for training: say "schematic, for training".
 */
schematic: boolean, 
/**
 * Objects by kind, in the order of `EquipmentKind`.
 */
counts: Array<number>, };

export type CommuneView = { 
/**
 * INSEE code.
 */
insee_code: string, 
/**
 * Name.
 */
name: string, 
/**
 * A point inside, for its name.
 */
lon: number, 
/**
 * A point inside, for its name.
 */
lat: number, 
/**
 * Municipal population: names of larger ones show first.
 */
population: number, 
/**
 * GeoJSON geometry.
 */
outline: JsonValue, };

export type GroundView = { 
/**
 * `river`, `canal`, `lake`, `motorway`, `road`, `street`, `rail`, `tram`.
 */
kind: string, 
/**
 * Name, may be empty.
 */
name: string, 
/**
 * GeoJSON geometry.
 */
geometry: JsonValue, };

export type ServiceView = { 
/**
 * Short code.
 */
code: string, 
/**
 * Name.
 */
name: string, 
/**
 * Number to call, may be empty.
 */
phone: string, };

export type GroundFileView = { 
/**
 * Bytes; none where there is no file, or one of no use.
 */
size: number | null, 
/**
 * Why one that was named is of no use: `ground_missing`, `ground_unreadable`.
 */
error: string | null, };

export type GroundTilesView = { 
/**
 * Farthest and nearest zoom; none where there is no service, or one of no use.
 */
zooms: [number, number] | null, 
/**
 * Whom they are owed to.
 */
credit: string, 
/**
 * Why one that was named is of no use: `ground_refused`, `ground_offline`.
 */
error: string | null, };

export type ZoneView = { 
/**
 * Identifier.
 */
zone_id: ZoneId, 
/**
 * Short reference.
 */
reference: string, 
/**
 * Name.
 */
name: string, 
/**
 * `cctv`, `flood`, `closed_building`, `district`.
 */
kind: string, 
/**
 * GeoJSON geometry.
 */
outline: JsonValue, 
/**
 * Counts its changes; 0 as it was first loaded.
 */
revision: number, 
/**
 * Who changed it last on a screen, else empty.
 */
changed_by: string, 
/**
 * When it changed last.
 */
changed_at: Timestamp | null, };

export type ZonesView = { 
/**
 * Zones.
 */
zones: Array<ZoneView>, 
/**
 * Kinds of zones that somebody here may draw, change and throw away.
 */
may_write: Array<ZoneKind>, };

export type ZoneArgs = { 
/**
 * Which; none for a new one.
 */
zone_id: ZoneId | null, 
/**
 * The revision that is changed; none for a new one.
 */
after: number | null, 
/**
 * Short reference; a zone keeps the one it has.
 */
reference: string, 
/**
 * Name.
 */
name: string, 
/**
 * Code of a kind.
 */
kind: string, 
/**
 * GeoJSON polygon, whichever way it was drawn.
 */
outline: JsonValue, };

export type ZoneCheck = { 
/**
 * What is wrong (text `zone.fault.<code>`); it cannot be saved while something is.
 */
faults: Array<ZoneFault>, 
/**
 * Objects that stand in it.
 */
holds: number, 
/**
 * Of these, those that do not stand in the zone as it is.
 */
enters: number, 
/**
 * Objects of the zone as it is that would stand in it no more.
 */
leaves: number, };

export type DropZoneArgs = { 
/**
 * Which.
 */
zone_id: ZoneId, 
/**
 * The revision that was seen.
 */
after: number, };

export type ZoneSaved = { 
/**
 * Which zone.
 */
zone_id: ZoneId | null, 
/**
 * Nothing was written: somebody else changed it since.
 */
changed: ZoneChanged | null, };

export type ZoneChanged = { 
/**
 * Who; empty where a file did.
 */
by: string, 
/**
 * When.
 */
at: Timestamp | null, };

export type CameraCone = { 
/**
 * Which camera.
 */
equipment_id: EquipmentId, 
/**
 * Its point on the map.
 */
point: number, 
/**
 * Degrees WGS 84.
 */
lon: number, 
/**
 * Degrees WGS 84.
 */
lat: number, 
/**
 * Degrees clockwise from north.
 */
heading: number, 
/**
 * Opening, degrees; 360 for a dome.
 */
fov: number, 
/**
 * Range, metres.
 */
range_m: number, };

export type ObjectArgs = { 
/**
 * Which object.
 */
equipment_id: EquipmentId, };

export type PointArgs = { 
/**
 * Which point, of the present generation.
 */
point: number, };

export type SearchArgs = { 
/**
 * Words typed.
 */
text: string, 
/**
 * At most so many.
 */
limit: number, };

export type ObjectsFound = { 
/**
 * Nothing has the words as typed: these have words near them.
 */
near: boolean, 
/**
 * Best first.
 */
lines: Array<ObjectLine>, };

export type PlacesFound = { 
/**
 * Nothing has the words as typed: these have words near them.
 */
near: boolean, 
/**
 * Best first.
 */
places: Array<PlaceView>, };

export type PlaceView = { 
/**
 * What it is.
 */
kind: PlaceKind, 
/**
 * Which zone; a commune is known by its name, a street by its name and commune.
 */
zone_id: ZoneId | null, 
/**
 * Short reference of a zone, else empty.
 */
reference: string, 
/**
 * Name.
 */
name: string, 
/**
 * Commune of a street, else empty.
 */
commune: string, 
/**
 * For a street: how many objects stand in it.
 */
objects: number, 
/**
 * For a street, degrees WGS 84: west, south, east, north.
 */
bounds: [number, number, number, number] | null, };

export type ObjectFilter = { 
/**
 * Only these kinds; all when empty.
 */
kinds: Array<EquipmentKind>, 
/**
 * Only objects that look like a notice or worse, are stale, unreachable, pending or unknown.
 */
abnormal: boolean, 
/**
 * `[west, south, east, north]` in degrees: only inside.
 */
bounds: [number, number, number, number] | null, 
/**
 * Only these looks; all when empty.
 */
looks: Array<Look>, 
/**
 * Only in these communes, by INSEE code; all when empty.
 */
communes: Array<string>, 
/**
 * Only of these services, by code, the empty one for objects of none; all when empty.
 */
services: Array<string>, 
/**
 * Only values of these ages; all when empty.
 */
ages: Array<Freshness>, 
/**
 * Only these points, of the present generation; all when empty.
 */
points: Array<number>, 
/**
 * First line wanted.
 */
offset: number, 
/**
 * At most so many lines.
 */
limit: number, };

export type PointRuns = { 
/**
 * Generation of the points.
 */
generation: number, 
/**
 * `[first, last]` identifiers, both kept; what lies between them in the packed points is kept too.
 */
runs: Array<[number, number]>, 
/**
 * Points with an open alarm of priority 1: shown whatever is chosen.
 */
urgent: Array<number>, };

export type Tally = { 
/**
 * In the scope of the filter (abnormal, bounds, points), whatever is chosen.
 */
total: number, 
/**
 * Kept by what is chosen.
 */
kept: number, 
/**
 * In the order of `EquipmentKind`.
 */
kinds: Array<number>, 
/**
 * In the order of `Look`.
 */
looks: Array<number>, 
/**
 * In the order of `Freshness`.
 */
ages: Array<number>, 
/**
 * Every commune, by INSEE code.
 */
communes: Array<CommuneCount>, 
/**
 * Every service by code, and last, without a code, the objects of none.
 */
services: Array<ServiceCount>, };

export type CommuneCount = { 
/**
 * INSEE code.
 */
insee_code: string, 
/**
 * Its name.
 */
name: string, 
/**
 * How many.
 */
objects: number, };

export type ServiceCount = { 
/**
 * Its code; empty for the objects of none.
 */
code: string, 
/**
 * Its name; empty for the objects of none.
 */
name: string, 
/**
 * How many.
 */
objects: number, };

export type ObjectPage = { 
/**
 * Lines that match in all.
 */
total: number, 
/**
 * Objects that would be listed but for what is chosen.
 */
hidden: number, 
/**
 * Among them, how many by look, in the order of `Look`.
 */
by_look: Array<number>, 
/**
 * The lines wanted.
 */
lines: Array<ObjectLine>, };

export type ObjectLine = { 
/**
 * Identifier.
 */
equipment_id: EquipmentId, 
/**
 * Its point on the map.
 */
point: number, 
/**
 * Short reference.
 */
reference: string, 
/**
 * Name.
 */
name: string, 
/**
 * Kind.
 */
kind: EquipmentKind, 
/**
 * Commune's name.
 */
commune: string, 
/**
 * Degrees WGS 84.
 */
lon: number, 
/**
 * Degrees WGS 84.
 */
lat: number, 
/**
 * How it looks.
 */
look: Look, 
/**
 * What is drawn over it.
 */
marks: Array<Mark>, 
/**
 * What the age of its value makes of it, the desk's own link included.
 */
freshness: Freshness, 
/**
 * What it reports.
 */
reading: Reading, 
/**
 * When it was measured.
 */
observed_at: Timestamp | null, 
/**
 * Whether a crew lock stands on it (R10), and whether that is in force.
 */
lock: LockState | null, };

export type ObjectSheet = { 
/**
 * The line.
 */
line: ObjectLine, 
/**
 * Street.
 */
street: string, 
/**
 * What is fixed about it.
 */
attributes: JsonValue, 
/**
 * How far the reading can be trusted.
 */
quality: Quality, 
/**
 * When the metropolis received it.
 */
received_at: Timestamp | null, 
/**
 * Where it comes from.
 */
source: string, 
/**
 * Older than this its value is ageing, ms.
 */
ageing_after_ms: number, 
/**
 * Older than this its value is stale, ms.
 */
fresh_for_ms: number, 
/**
 * Which part of the chain does not answer, if any.
 */
out_of_reach: Break | null, 
/**
 * Who decides what it does.
 */
mode: Mode, 
/**
 * What was asked of it and is in force.
 */
target: Params | null, 
/**
 * End of the override in force.
 */
effect_until: Timestamp | null, 
/**
 * The programme that was applied to it, if ever one was.
 */
programme: ObjectProgramme | null, 
/**
 * Version of the state shown.
 */
version: number, 
/**
 * The precondition a command takes from this sheet (R4).
 */
control_version: number, 
/**
 * Actions this role may ask, in the order of the catalogue.
 */
actions: Array<ActionView>, 
/**
 * This role may move it by a held key (class L).
 */
live: boolean, 
/**
 * The service that keeps it.
 */
service: ServiceView | null, 
/**
 * Phone to call when a dangerous action is out of reach.
 */
phone: string | null, 
/**
 * Crew locks on it; those that are over last.
 */
locks: Array<LockView>, 
/**
 * Commands on it, own and others', newest first (the last 20).
 */
commands: Array<CommandView>, 
/**
 * Its past states, newest first (the last 50 held here).
 */
history: Array<HistoryLine>, };

export type ActionView = { 
/**
 * Code; its text is `action.<code>` in the catalogues.
 */
code: string, 
/**
 * Class before surroundings.
 */
class: ClassCode, 
/**
 * What it takes.
 */
parameter: ParameterView, 
/**
 * Longest effect in minutes; none when it has no lasting effect.
 */
max_effect_minutes: number | null, 
/**
 * Goes in the safe direction (R17).
 */
safe_direction: boolean, };

export type ParameterView = { "type": "none" } | { "type": "number", 
/**
 * Key.
 */
key: string, 
/**
 * Lowest.
 */
min: number, 
/**
 * Highest.
 */
max: number, } | { "type": "text", 
/**
 * Key.
 */
key: string, 
/**
 * Longest, in characters.
 */
max: number, } | { "type": "one_of", 
/**
 * Key.
 */
key: string, 
/**
 * Values.
 */
values: Array<string>, } | { "type": "programme" };

export type HistoryArgs = { 
/**
 * Which object.
 */
equipment_id: EquipmentId, 
/**
 * Before this instant.
 */
before: Timestamp, };

export type HistoryLine = { 
/**
 * When.
 */
observed_at: Timestamp, 
/**
 * What it reported.
 */
reading: Reading, 
/**
 * How it looked then.
 */
look: Look, 
/**
 * How far it can be trusted.
 */
quality: Quality, 
/**
 * Who decided what it did.
 */
mode: Mode, 
/**
 * Where it comes from.
 */
source: string, };

export type PrepareArgs = { 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Action code.
 */
action: string, 
/**
 * Absolute target.
 */
params: Params, };

export type NeedsView = { 
/**
 * A second person.
 */
second: boolean, 
/**
 * One person may operate it when nobody answers, as agreed beforehand (R8).
 */
alone: boolean, 
/**
 * Who may be asked and holds a desk, in order.
 */
present: Array<string>, 
/**
 * What it would do, and what stands around.
 */
check: Check, 
/**
 * The desk that pilots the object now.
 */
hold: HoldView | null, };

export type HoldView = { 
/**
 * The desk.
 */
desk: string, 
/**
 * Who.
 */
person: string, 
/**
 * It is whoever is signed in here.
 */
mine: boolean, 
/**
 * Since when.
 */
since: Timestamp, 
/**
 * Until when, the end of the shift at the latest.
 */
until: Timestamp, 
/**
 * Until when it is selected.
 */
selected_until: Timestamp | null, 
/**
 * It is moved by a held key at this moment.
 */
live: boolean, };

export type PilotView = { 
/**
 * The hold, if it lives.
 */
hold: HoldView | null, 
/**
 * This desk may take it.
 */
can_take: boolean, 
/**
 * This desk may hand it over or release it.
 */
can_give: boolean, 
/**
 * Other desks that are held, to hand it over to.
 */
desks: Array<DeskChoice>, };

export type DeskChoice = { 
/**
 * Which.
 */
desk_id: DeskId, 
/**
 * Its name.
 */
desk: string, 
/**
 * Who holds it.
 */
person: string, };

export type GiveObjectArgs = { 
/**
 * Which object.
 */
equipment_id: EquipmentId, 
/**
 * To which desk.
 */
desk_id: DeskId, };

export type AskSecondArgs = { 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Action code.
 */
action: string, 
/**
 * Absolute target.
 */
params: Params, 
/**
 * Length of the effect in minutes.
 */
effect_minutes: number | null, 
/**
 * Why.
 */
reason: string, 
/**
 * As returned by `prepare`.
 */
seen: Seen, };

export type RequestArgs = { 
/**
 * Which.
 */
request_id: RequestId, };

export type HoldLiveArgs = { 
/**
 * Which object.
 */
equipment_id: EquipmentId, 
/**
 * Which way it moves.
 */
motion: Motion, };

export type SelectionView = { 
/**
 * Until when all of its objects are; none while this desk's copy does not show it.
 */
selected_until: Timestamp | null, };

export type RequestGroupView = { 
/**
 * By what its objects were chosen.
 */
chosen: ChosenBy, 
/**
 * The name of that.
 */
chosen_name: string, 
/**
 * What was left out: how many, by reason, the most numerous first.
 */
excluded: Array<ExcludedCount>, };

export type ExcludedCount = { 
/**
 * Why.
 */
reason: Excluded, 
/**
 * How many.
 */
count: number, };

export type AnswerArgs = { 
/**
 * Which request.
 */
request_id: RequestId, 
/**
 * Yes or no.
 */
approves: boolean, };

export type RequestView = { 
/**
 * Identifier.
 */
request_id: RequestId, 
/**
 * Asked from here.
 */
mine: boolean, 
/**
 * Where it stands for its author.
 */
stage: Stage, 
/**
 * Where the metropolis says that it stands.
 */
state: RequestState, 
/**
 * Why it is void (text `void.<code>`).
 */
void_reason: VoidReason | null, 
/**
 * It rings here now.
 */
rings: boolean, 
/**
 * Somebody here may answer.
 */
may_answer: boolean, 
/**
 * What it would do, or what speaks against it, is no longer what was asked.
 */
moved: boolean, 
/**
 * The first of its objects.
 */
equipment_id: EquipmentId, 
/**
 * How many.
 */
objects: number, 
/**
 * Its reference.
 */
reference: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its kind.
 */
kind: EquipmentKind, 
/**
 * Action code.
 */
action: string, 
/**
 * Absolute target.
 */
params: Params, 
/**
 * Length of its effect in minutes.
 */
effect_minutes: number | null, 
/**
 * Class.
 */
class: ClassCode, 
/**
 * Its author.
 */
author: string, 
/**
 * His role.
 */
role: Role, 
/**
 * His desk.
 */
desk: string | null, 
/**
 * Why.
 */
reason: string, 
/**
 * When it was asked.
 */
asked_at: Timestamp, 
/**
 * Until when it may be answered.
 */
expires_at: Timestamp, 
/**
 * From when on its author may operate alone, where that was agreed beforehand.
 */
alone_from: Timestamp | null, 
/**
 * Who answered.
 */
approver: string | null, 
/**
 * In which role.
 */
approver_role: Role | null, 
/**
 * The answer came from the simulated colleague of a training room.
 */
simulated: boolean, 
/**
 * Until when the approval holds.
 */
approval_until: Timestamp | null, 
/**
 * What this desk sees around it now.
 */
check: Check, 
/**
 * Of a group: how it was made.
 */
group: RequestGroupView | null, };

export type SoleArgs = { 
/**
 * Why.
 */
reason: SoleReason, 
/**
 * Who called for it.
 */
caller: string, 
/**
 * His number.
 */
phone: string, 
/**
 * Typed again; in training any will do, but for none.
 */
password: string, };

export type SoleReviewView = { 
/**
 * Identifier: the command's.
 */
review_id: CommandId, 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Its reference.
 */
reference: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Action code.
 */
action: string, 
/**
 * Who did it.
 */
author: string, 
/**
 * It was whoever is signed in here.
 */
mine: boolean, 
/**
 * Why (text `sole_reason.<code>`).
 */
reason: SoleReason, 
/**
 * Who had called; empty for whom it is hidden from.
 */
caller: string, 
/**
 * His number.
 */
phone: string, 
/**
 * When.
 */
operated_at: Timestamp, 
/**
 * Until when it is to be reviewed.
 */
due_at: Timestamp, 
/**
 * When it was.
 */
reviewed_at: Timestamp | null, 
/**
 * By whom.
 */
reviewed_by: string | null, 
/**
 * What was found.
 */
finding: string, 
/**
 * Somebody here may review it.
 */
can_review: boolean, };

export type ReviewSoleArgs = { 
/**
 * Which review.
 */
review_id: CommandId, 
/**
 * What was found; required.
 */
finding: string, };

export type Preparation = { 
/**
 * Class, surroundings included.
 */
class: ClassCode, 
/**
 * What operating it now would do, "without visibility" and a reason being given.
 */
admission: Admission, 
/**
 * The value is stale, unreachable or never seen: "without visibility" and a reason are required.
 */
needs_without_visibility: boolean, 
/**
 * What is seen: goes back with `operate` unchanged.
 */
seen: Seen, 
/**
 * Who decides what the object does now.
 */
mode: Mode, 
/**
 * Life of the command in ms once operated.
 */
life_ms: number, 
/**
 * Phone to call when it is refused out of reach.
 */
phone: string | null, 
/**
 * The crew lock that stands against it: nothing is sent (R10).
 */
lock: LockView | null, 
/**
 * It goes in the safe direction: ahead of whatever is pending, by one confirmation (R17).
 */
safe: boolean, 
/**
 * Own and others' commands pending on the same object.
 */
pending: Array<CommandView>, 
/**
 * What it needs besides its key.
 */
needs: NeedsView, };

export type OperateArgs = { 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Action code.
 */
action: string, 
/**
 * Absolute target.
 */
params: Params, 
/**
 * Length of the effect in minutes; required where the action has a lasting effect.
 */
effect_minutes: number | null, 
/**
 * Why; may be empty unless without visibility.
 */
reason: string, 
/**
 * Said knowing that the value is stale, unreachable or never seen.
 */
without_visibility: boolean, 
/**
 * As returned by `prepare`.
 */
seen: Seen, 
/**
 * The intent this new command takes the place of, from the review.
 */
replaces: CommandId | null, 
/**
 * The request that a second person approved, or that nobody answered.
 */
approval_id: RequestId | null, 
/**
 * Operated alone.
 */
sole: SoleArgs | null, 
/**
 * What its author read that it would do, as returned by `prepare`: refused with `link_turned` when it no longer would.
 */
promised: Admission | null, };

export type ReasonArgs = { 
/**
 * Which command.
 */
command_id: CommandId, 
/**
 * Why; required by `close_command`.
 */
reason: string, };

export type CommandView = { 
/**
 * Identifier.
 */
command_id: CommandId, 
/**
 * The group that it is a member of.
 */
group_id: GroupId | null, 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Its reference.
 */
reference: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its kind.
 */
kind: EquipmentKind, 
/**
 * Action code.
 */
action: string, 
/**
 * Class.
 */
class: ClassCode, 
/**
 * Absolute target.
 */
params: Params, 
/**
 * Author's display name.
 */
author: string, 
/**
 * Author's role.
 */
role: Role, 
/**
 * The second person who approved it.
 */
approver: string | null, 
/**
 * Why it was operated alone, when it was.
 */
alone: SoleReason | null, 
/**
 * Made at this desk.
 */
mine: boolean, 
/**
 * Why, as given.
 */
reason: string, 
/**
 * When operated.
 */
issued_at: Timestamp, 
/**
 * End of its life.
 */
expires_at: Timestamp, 
/**
 * End of its effect.
 */
effect_until: Timestamp | null, 
/**
 * Where it stands.
 */
state: CommandState, 
/**
 * The one word for it.
 */
word: Word, 
/**
 * Since when.
 */
state_since: Timestamp, 
/**
 * Why, as a code (text `reason.<code>` in the catalogues).
 */
detail: string | null, 
/**
 * Its effect.
 */
effect: EffectState | null, 
/**
 * Where its outbox entry stands; none when it was made elsewhere.
 */
outbox: OutboxState | null, 
/**
 * Why it does not go although it could, as a code: something is in the way of its object's lane.
 */
stuck: string | null, 
/**
 * What its author saw.
 */
seen: Seen | null, 
/**
 * It can be cancelled from here now.
 */
can_cancel: boolean, 
/**
 * It waits for this desk's key (class B after a cut).
 */
can_press: boolean, 
/**
 * It is unknown and can be closed with a reason.
 */
can_close: boolean, 
/**
 * It is an intent to decide on.
 */
can_decide: boolean, 
/**
 * Its transitions, oldest first.
 */
events: Array<EventView>, };

export type EventView = { 
/**
 * When.
 */
at: Timestamp, 
/**
 * What happened, when known here.
 */
event: CommandEventCode | null, 
/**
 * To which state.
 */
to: CommandState, 
/**
 * `desk`, `metropolis`, `gateway`, `house`.
 */
actor: string, 
/**
 * Why, as a code.
 */
detail: string | null, };

export type GroupChoice = { "by": "hand", 
/**
 * The objects.
 */
objects: Array<EquipmentId>, } | { "by": "street", 
/**
 * An object on it.
 */
equipment_id: EquipmentId, } | { "by": "cabinet", 
/**
 * The cabinet, or an object that it feeds.
 */
equipment_id: EquipmentId, } | { "by": "commune", 
/**
 * Its INSEE code.
 */
insee_code: string, } | { "by": "area", 
/**
 * Its corners, longitude and latitude in degrees WGS 84; closed or not.
 */
ring: Array<[number, number]>, } | { "by": "saved", 
/**
 * Which.
 */
saved_group_id: SavedGroupId, };

export type GroupLookArgs = { 
/**
 * The choice.
 */
choice: GroupChoice, };

export type GroupLook = { 
/**
 * By what.
 */
chosen: ChosenBy, 
/**
 * The name of that; empty for an area and for objects chosen one by one.
 */
name: string, 
/**
 * By kind, the most numerous first; only kinds that this role commands.
 */
kinds: Array<GroupKind>, };

export type GroupKind = { 
/**
 * Which kind.
 */
kind: EquipmentKind, 
/**
 * How many.
 */
count: number, 
/**
 * What may be asked of them.
 */
actions: Array<ActionView>, };

export type GroupPrepareArgs = { 
/**
 * The choice.
 */
choice: GroupChoice, 
/**
 * Action code.
 */
action: string, 
/**
 * Absolute target.
 */
params: Params, 
/**
 * Length of the effect in minutes; required where the action has a lasting effect.
 */
effect_minutes: number | null, 
/**
 * Objects left out by their author.
 */
left_out: Array<EquipmentId>, 
/**
 * The group of intents that it takes the place of, from the review.
 */
replaces: GroupId | null, };

export type GroupPreparation = { 
/**
 * It is operated by this, once.
 */
group_id: GroupId, 
/**
 * Class of the whole.
 */
class: ClassCode, 
/**
 * What operating it now would do.
 */
admission: Admission, 
/**
 * One person alone may not: it is dangerous, or a service on too many objects (R7).
 */
needs_second_person: boolean, 
/**
 * Life of the command in ms once operated.
 */
life_ms: number, 
/**
 * In how many streets.
 */
streets: number, 
/**
 * Its objects, in the order in which they go.
 */
members: Array<GroupObject>, 
/**
 * What was chosen and is left out.
 */
excluded: Array<GroupExcluded>, 
/**
 * Those of its objects that make it dangerous.
 */
dangerous: Array<EquipmentId>, 
/**
 * Who may be asked to approve it and holds a desk, in order.
 */
present: Array<string>, 
/**
 * What it would do, and what stands around, from class C on.
 */
check: Check | null, };

export type GroupObject = { 
/**
 * Which object.
 */
equipment_id: EquipmentId, 
/**
 * Its reference.
 */
reference: string, 
/**
 * Its name.
 */
name: string, };

export type GroupExcluded = { 
/**
 * Which.
 */
object: GroupObject, 
/**
 * Why.
 */
reason: Excluded, };

export type GroupOperateArgs = { 
/**
 * Which group.
 */
group_id: GroupId, 
/**
 * Why; may be empty.
 */
reason: string, };

export type GroupArgs = { 
/**
 * Which group.
 */
group_id: GroupId, 
/**
 * Why, where a reason is asked for.
 */
reason: string, };

export type GroupView = { 
/**
 * Identifier.
 */
group_id: GroupId, 
/**
 * Action code.
 */
action: string, 
/**
 * On which kind.
 */
kind: EquipmentKind, 
/**
 * Class of the whole.
 */
class: ClassCode, 
/**
 * Absolute target.
 */
params: Params, 
/**
 * Author's display name.
 */
author: string, 
/**
 * Made at this desk.
 */
mine: boolean, 
/**
 * Why, as given.
 */
reason: string, 
/**
 * When operated.
 */
issued_at: Timestamp, 
/**
 * End of its life.
 */
expires_at: Timestamp, 
/**
 * End of its effect.
 */
effect_until: Timestamp | null, 
/**
 * By what its objects were chosen.
 */
chosen: ChosenBy, 
/**
 * The name of that.
 */
chosen_name: string, 
/**
 * How many objects.
 */
total: number, 
/**
 * Of them: to be sent.
 */
to_send: number, 
/**
 * Under way.
 */
under_way: number, 
/**
 * Done: a state shows it.
 */
done: number, 
/**
 * Refused.
 */
refused: number, 
/**
 * Without report.
 */
unknown: number, 
/**
 * What was chosen and left out.
 */
excluded: number, 
/**
 * When the rest of it was stopped.
 */
stopped_at: Timestamp | null, 
/**
 * Why it does not go although it could, as a code.
 */
stuck: string | null, 
/**
 * There is a rest that can be stopped from here now.
 */
can_stop: boolean, 
/**
 * It waits for this desk's key (class B after a cut).
 */
can_press: boolean, 
/**
 * It is an intent to decide on.
 */
can_decide: boolean, };

export type GroupSheet = { 
/**
 * The group.
 */
group: GroupView, 
/**
 * Its objects: what needs a look first, then in their order.
 */
members: Array<GroupMemberView>, 
/**
 * What was chosen and left out.
 */
excluded: Array<GroupExcluded>, };

export type GroupMemberView = { 
/**
 * Its command.
 */
command_id: CommandId, 
/**
 * The object.
 */
object: GroupObject, 
/**
 * Where the command stands.
 */
state: CommandState, 
/**
 * The one word for it.
 */
word: Word, 
/**
 * Why, as a code.
 */
detail: string | null, };

export type SavedGroupView = { 
/**
 * Identifier.
 */
saved_group_id: SavedGroupId, 
/**
 * What it is called.
 */
name: string, 
/**
 * Its objects.
 */
objects: Array<EquipmentId>, 
/**
 * Who wrote it last.
 */
author: string, 
/**
 * When.
 */
changed_at: Timestamp, };

export type SaveGroupArgs = { 
/**
 * The one that is written again; none for a new one.
 */
saved_group_id: SavedGroupId | null, 
/**
 * What it is called: 1 to 80 characters.
 */
name: string, 
/**
 * Its objects, each once.
 */
objects: Array<EquipmentId>, };

export type SavedGroupArgs = { 
/**
 * Which.
 */
saved_group_id: SavedGroupId, };

export type ReviewGroup = { 
/**
 * The group.
 */
group: GroupView, 
/**
 * Its objects, to be asked for again.
 */
objects: Array<EquipmentId>, 
/**
 * How many of them nothing moved under since.
 */
still_valid: number, 
/**
 * How many moved since.
 */
contradicted: number, 
/**
 * How many show already what was asked.
 */
already_so: number, 
/**
 * How many are older than their life.
 */
expired: number, };

export type Review = { 
/**
 * Metropolis time at which the states below were read; none while not live.
 */
read_at: Timestamp | null, 
/**
 * Intents to decide on, and class B commands that wait for a key, oldest first.
 */
cards: Array<ReviewCard>, 
/**
 * Groups of them, each decided as a whole, oldest first.
 */
groups: Array<ReviewGroup>, 
/**
 * What became of the rest without a decision: expired or void during the cut.
 */
ended: Array<CommandView>, };

export type ReviewCard = { 
/**
 * The command: what was asked, what was seen.
 */
command: CommandView, 
/**
 * What is true now.
 */
now_reading: Reading, 
/**
 * Measured when.
 */
now_observed_at: Timestamp | null, 
/**
 * Who decides what it does now.
 */
now_mode: Mode, 
/**
 * The present value is stale or out of reach.
 */
now_blind: boolean, 
/**
 * How it stands.
 */
label: ReviewLabel, 
/**
 * Others' commands on the object since.
 */
others: Array<CommandView>, };

export type ReviewLabel = "expired" | "contradicted" | "already_so" | "still_valid";

export type ProgrammeStage = "differs" | "unanswered" | "under_way" | "asked" | "applied" | "draft" | "left";

export type ObjectProgramme = { 
/**
 * What was applied, as a device names it; `own` for the one built into it.
 */
applied: string, 
/**
 * When the object showed it.
 */
applied_at: Timestamp, 
/**
 * Who applied it; none in a suspended session.
 */
author: string | null, 
/**
 * Who approved it; none for a way back, and in a suspended session.
 */
approved_by: string | null, 
/**
 * What the object reports, likewise; none where it does not say.
 */
reported: string | null, 
/**
 * The one against the other.
 */
standing: Standing, 
/**
 * Since when the object reports another.
 */
differs_since: Timestamp | null, };

export type ProgrammeView = { 
/**
 * Identifier.
 */
programme_id: ProgrammeId, 
/**
 * Which of its contents.
 */
revision: number, 
/**
 * As a command and a device name it.
 */
reference: string, 
/**
 * What for.
 */
kind: ProgrammeKind, 
/**
 * What it says.
 */
content: Content, 
/**
 * The lowest level that it may leave in force by night, %; none for signals.
 */
lowest: number | null, 
/**
 * Where it stands.
 */
stage: ProgrammeStage, 
/**
 * Since when.
 */
since: Timestamp, 
/**
 * Who wrote it last.
 */
author: string, 
/**
 * When.
 */
changed_at: Timestamp, 
/**
 * It was applied: it changes no more.
 */
frozen: boolean, 
/**
 * How many objects have it.
 */
objects: number, 
/**
 * Those of them that report another, a hundred at most.
 */
differing: Array<GroupObject>, 
/**
 * How many do.
 */
differs: number, 
/**
 * How many do not say which they follow.
 */
silent: number, 
/**
 * How many commands for it are under way.
 */
under_way: number, 
/**
 * How many stay without a report, on objects that do not have it.
 */
unanswered: number, 
/**
 * Its open request.
 */
request_id: RequestId | null, 
/**
 * What its objects may go back to (R17).
 */
former: Array<FormerView>, 
/**
 * Somebody here may write it, apply it, go back from it.
 */
may_write: boolean, };

export type FormerView = { 
/**
 * As a device names it; `own` for the one built into it.
 */
reference: string, 
/**
 * Its name; empty for the device's own.
 */
name: string, 
/**
 * How many objects.
 */
objects: number, };

export type ProgrammePreviewArgs = { 
/**
 * What for.
 */
kind: ProgrammeKind, 
/**
 * What it says.
 */
content: Content, };

export type ProgrammePreview = { 
/**
 * What is wrong (text `invalid.<code>`); it cannot be saved while something is.
 */
invalid: Array<Invalid>, 
/**
 * Seven nights and both changes of the clock; none while something is wrong.
 */
preview: Preview | null, };

export type SaveProgrammeArgs = { 
/**
 * Which; none for a new one.
 */
programme_id: ProgrammeId | null, 
/**
 * The revision that was changed; 0 for a new one.
 */
after: number, 
/**
 * What for.
 */
kind: ProgrammeKind, 
/**
 * What it says.
 */
content: Content, };

export type ProgrammeArgs = { 
/**
 * Which.
 */
programme_id: ProgrammeId, };

export type ReturnProgrammeArgs = { 
/**
 * Which programme they have.
 */
programme_id: ProgrammeId, 
/**
 * Not to the former one: those that report another are given it again.
 */
again: boolean, 
/**
 * Why; may be empty.
 */
reason: string, };

export type ReturnedProgramme = { 
/**
 * One group for each programme that was gone back to.
 */
groups: Array<GroupId>, };

export type LockAskArgs = { 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Who answers for the crew, by name; 200 characters at most, as the texts that follow.
 */
holder: string, 
/**
 * The number at which he is called.
 */
phone: string, 
/**
 * Where the crew works.
 */
place: string, 
/**
 * What for.
 */
reason: string, 
/**
 * Who asks is the holder himself: he alone will lift it.
 */
by_holder: boolean, 
/**
 * When the work should be over, within thirty days.
 */
expected_end: Timestamp, 
/**
 * The draft it was typed in: erased as it is filed.
 */
draft: string | null, };

export type LockArgs = { 
/**
 * Which.
 */
lock_id: RecordId, };

export type LockExtendArgs = { 
/**
 * Which lock.
 */
lock_id: RecordId, 
/**
 * When the work should be over.
 */
to: Timestamp, };

export type LockForceArgs = { 
/**
 * Which lock.
 */
lock_id: RecordId, 
/**
 * When he called, within the last half hour.
 */
called_at: Timestamp, 
/**
 * Which number.
 */
number: string, 
/**
 * What came of it.
 */
said: HolderSaid, 
/**
 * Who answered, and how it was made sure that nobody is at work there.
 */
words: string, };

export type ChangeView = { 
/**
 * The command whose effect ends.
 */
command_id: CommandId, 
/**
 * Its action.
 */
action: string, 
/**
 * When. Vigie and the gateway hold it; the device may do it by itself.
 */
at: Timestamp, };

export type WaitedFor = { 
/**
 * Which.
 */
command_id: CommandId, 
/**
 * Its action.
 */
action: string, 
/**
 * Where it stands: one that is unknown waits for a person to close it.
 */
state: CommandState, 
/**
 * Since when.
 */
since: Timestamp, };

export type LockView = { 
/**
 * Identifier.
 */
lock_id: RecordId, 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Its reference.
 */
reference: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its kind.
 */
kind: EquipmentKind, 
/**
 * Where it stands. `asked` is NOT in force.
 */
state: LockState, 
/**
 * Where its asking stands here, while the metropolis does not have it.
 */
waiting: RecordState | null, 
/**
 * Who answers for the crew.
 */
holder: string, 
/**
 * The number at which he is called; empty where it is hidden from the reader.
 */
phone: string, 
/**
 * Where the crew works.
 */
place: string, 
/**
 * What for.
 */
reason: string, 
/**
 * Its author is the holder himself.
 */
by_holder: boolean, 
/**
 * When the work should be over.
 */
expected_end: Timestamp, 
/**
 * That was said since it was asked.
 */
extended: boolean, 
/**
 * This person may say a later one.
 */
can_extend: boolean, 
/**
 * That has passed, and it is not lifted.
 */
past_end: boolean, 
/**
 * When it was asked.
 */
written_at: Timestamp, 
/**
 * By whom.
 */
author: string, 
/**
 * In which role.
 */
role: Role, 
/**
 * By whoever is signed in here.
 */
mine: boolean, 
/**
 * Who deposited it, when it was not its author.
 */
deposited_by: string | null, 
/**
 * Whether it bears its author's signature.
 */
authenticity: Authenticity, 
/**
 * Since when it is in force.
 */
granted_at: Timestamp | null, 
/**
 * The automatic changes that were to come then: they are read to the crew.
 */
coming: Array<ChangeView>, 
/**
 * What it waits for, while it is asked.
 */
waits_for: Array<WaitedFor>, 
/**
 * Who asked that it be lifted by others.
 */
lift_asked_by: string | null, 
/**
 * When.
 */
lift_asked_at: Timestamp | null, 
/**
 * Until when a second person may confirm that.
 */
confirm_until: Timestamp | null, 
/**
 * When the holder was called.
 */
called_at: Timestamp | null, 
/**
 * At which number.
 */
call_number: string, 
/**
 * What came of it.
 */
call_said: HolderSaid | null, 
/**
 * In words.
 */
call_words: string, 
/**
 * Who lifted it, or confirmed that it be.
 */
lifted_by: string | null, 
/**
 * How.
 */
how: LiftWay | null, 
/**
 * Since when it is over.
 */
over_at: Timestamp | null, 
/**
 * Whoever is signed in here may lift it, or take it back.
 */
can_lift: boolean, 
/**
 * He may ask that it be lifted after a call to the holder.
 */
can_force: boolean, 
/**
 * He may confirm it, as the second person.
 */
can_confirm: boolean, };

export type EffectStanding = "overdue" | "contradicted" | "in_force" | "ended";

export type EffectView = { 
/**
 * The command that brought it about.
 */
command_id: CommandId, 
/**
 * How it stands.
 */
standing: EffectStanding, 
/**
 * On which object.
 */
equipment_id: EquipmentId, 
/**
 * Its reference.
 */
reference: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its kind.
 */
kind: EquipmentKind, 
/**
 * Its commune.
 */
commune: string, 
/**
 * What was asked.
 */
action: string, 
/**
 * The target.
 */
params: Params, 
/**
 * By whom.
 */
author: string, 
/**
 * When.
 */
issued_at: Timestamp, 
/**
 * Its end.
 */
until: Timestamp, 
/**
 * A crew lock stands on the object.
 */
lock: LockState | null, 
/**
 * The action in the safe direction that this account may ask there (R17).
 */
safe_action: string | null, };

export type AlarmListKind = "open" | "shelved" | "closed";

export type AlarmFilter = { 
/**
 * Which list.
 */
list: AlarmListKind, 
/**
 * Those that stand under this one. Without it, those that stand under another are left out of the open list: they are
 * counted there.
 */
under: AlarmId | null, 
/**
 * Those that stand under another as well.
 */
flat: boolean, 
/**
 * Of one object.
 */
equipment_id: EquipmentId | null, 
/**
 * Of these kinds of equipment.
 */
kinds: Array<EquipmentKind>, 
/**
 * Of these priorities.
 */
priorities: Array<number>, 
/**
 * Only those that nobody has taken.
 */
untaken: boolean, 
/**
 * Only those given to the desk held here.
 */
mine: boolean, 
/**
 * Of one commune (INSEE code).
 */
insee_code: string | null, 
/**
 * First line, from 0.
 */
offset: number, 
/**
 * Most lines; 500 at most, and 0 asks for that many.
 */
limit: number, };

export type AlarmList = { 
/**
 * How many there are.
 */
total: number, 
/**
 * The page.
 */
alarms: Array<AlarmView>, };

export type AlarmView = { 
/**
 * The occurrence: what an acknowledgement names.
 */
alarm_id: AlarmId, 
/**
 * Which occurrence it is of the same rule on the same object, from 1.
 */
occurrence: number, 
/**
 * Code of the rule.
 */
rule: string, 
/**
 * The device's own code; empty where a rule speaks.
 */
code: string, 
/**
 * What it says, as a code (text `alarm.<message>`).
 */
message: string, 
/**
 * The values that it says, by name (as in readings; `limit`, `per_hour`, `heard_at`, `troubled`, `all`, `commands`, `code`).
 */
details: { [key: string]: JsonValue }, 
/**
 * 1 (at once), 2, 3.
 */
priority: number, 
/**
 * When it was raised.
 */
raised_at: Timestamp, 
/**
 * Since when it asks to be taken.
 */
asked_at: Timestamp, 
/**
 * Its condition holds.
 */
active: boolean, 
/**
 * When it ceased to.
 */
cleared_at: Timestamp | null, 
/**
 * It asks this desk to take it: it sounds. Not when it was taken here and the metropolis does not know yet.
 */
asks: boolean, 
/**
 * Somebody has taken it, as the metropolis knows.
 */
acknowledged: boolean, 
/**
 * When.
 */
acked_at: Timestamp | null, 
/**
 * Name of who has it.
 */
acked_by: string | null, 
/**
 * Name of his desk.
 */
acked_desk: string | null, 
/**
 * It was taken by the account that is open here.
 */
acked_here: boolean, 
/**
 * It is out of sight.
 */
suspended: boolean, 
/**
 * Until when.
 */
suspended_until: Timestamp | null, 
/**
 * Why (text `shelve_reason.<code>`).
 */
suspended_reason: ShelveReason | null, 
/**
 * Name of who put it there.
 */
suspended_by: string | null, 
/**
 * The desk that it was given to.
 */
assigned_to: DeskId | null, 
/**
 * Its name.
 */
assigned_desk: string | null, 
/**
 * When.
 */
assigned_at: Timestamp | null, 
/**
 * Given to the desk held here.
 */
mine: boolean, 
/**
 * The object; none for a source and for the room.
 */
equipment_id: EquipmentId | null, 
/**
 * Its point on the map.
 */
point: number | null, 
/**
 * Its reference.
 */
reference: string | null, 
/**
 * Its name.
 */
name: string | null, 
/**
 * Its kind.
 */
kind: EquipmentKind | null, 
/**
 * Name of its commune.
 */
commune: string | null, 
/**
 * Its street.
 */
street: string | null, 
/**
 * Degrees WGS 84.
 */
lon: number | null, 
/**
 * Degrees WGS 84.
 */
lat: number | null, 
/**
 * The source that failed, when it is one.
 */
source: string | null, 
/**
 * The alarm that explains it.
 */
cause: AlarmCause | null, 
/**
 * Open alarms under it.
 */
under: number, 
/**
 * It comes and goes.
 */
chattering: boolean, 
/**
 * It is active for longer than a day.
 */
standing: boolean, 
/**
 * What was known of works and crews at its place (text `site_work.<code>`).
 */
site: SiteWork, 
/**
 * 0; 1 it rings every desk; 2 the person on call was told.
 */
escalation: number, 
/**
 * Since when.
 */
escalated_at: Timestamp | null, 
/**
 * What was done here and is not confirmed.
 */
pending: Array<AlarmPending>, 
/**
 * What was done here last and changed nothing.
 */
void: AlarmVoid | null, 
/**
 * What the account that is open here may do with it now.
 */
can: Array<HandlingKind>, 
/**
 * The latest instant until which it may be shelved by this account.
 */
shelve_until_max: Timestamp | null, 
/**
 * It is in the list.
 */
open: boolean, 
/**
 * When it left the list.
 */
closed_at: Timestamp | null, };

export type AlarmCause = { 
/**
 * Which.
 */
alarm_id: AlarmId, 
/**
 * What it says, as a code (text `alarm.<message>`).
 */
message: string, 
/**
 * Reference of its object, or its source.
 */
reference: string | null, 
/**
 * Name of its object.
 */
name: string | null, };

export type AlarmPending = { 
/**
 * What.
 */
kind: HandlingKind, 
/**
 * Where it stands.
 */
state: RecordState, };

export type AlarmVoid = { 
/**
 * What.
 */
kind: HandlingKind, 
/**
 * Why it came to nothing.
 */
effect: HandlingEffect, };

export type AlarmArgs = { 
/**
 * Which occurrence.
 */
alarm_id: AlarmId, };

export type AlarmAckArgs = { 
/**
 * The occurrence seen.
 */
alarm_id: AlarmId, 
/**
 * The priority seen.
 */
priority: number, };

export type AlarmShelveArgs = { 
/**
 * The occurrence seen.
 */
alarm_id: AlarmId, 
/**
 * The priority seen.
 */
priority: number, 
/**
 * Until when.
 */
until: Timestamp, 
/**
 * Why.
 */
reason: ShelveReason, };

export type AlarmAssignArgs = { 
/**
 * The occurrence seen.
 */
alarm_id: AlarmId, 
/**
 * The priority seen.
 */
priority: number, 
/**
 * To which desk.
 */
desk_id: DeskId, };

export type AlarmActView = { 
/**
 * Identifier.
 */
act_id: RecordId, 
/**
 * What.
 */
kind: HandlingKind, 
/**
 * The priority he saw.
 */
priority_seen: number, 
/**
 * His name.
 */
person: string, 
/**
 * His role.
 */
role: Role, 
/**
 * Name of his desk.
 */
desk: string | null, 
/**
 * When he did it.
 */
written_at: Timestamp, 
/**
 * When the metropolis received it.
 */
received_at: Timestamp, 
/**
 * Until when it was shelved.
 */
until: Timestamp | null, 
/**
 * Why.
 */
reason: ShelveReason | null, 
/**
 * Name of the desk that it was given to.
 */
to_desk: string | null, 
/**
 * What it came to (text `alarm_effect.<effect>`).
 */
effect: HandlingEffect, };

export type AlarmSheet = { 
/**
 * The alarm.
 */
alarm: AlarmView, 
/**
 * What people did with it, newest first: what others did and what was done offline are both here.
 */
acts: Array<AlarmActView>, 
/**
 * Open alarms under it, 500 at most.
 */
under: Array<AlarmView>, 
/**
 * Other occurrences on the same object, newest first, 50 at most.
 */
others: Array<AlarmView>, };

export type AlarmCount = { 
/**
 * 1, 2 or 3.
 */
priority: number, 
/**
 * That ask this desk.
 */
untaken: number, 
/**
 * That somebody has.
 */
taken: number, 
/**
 * That stand under another.
 */
under: number, };

export type AlarmFlood = { 
/**
 * Since when.
 */
since: Timestamp, 
/**
 * Alarms raised in the last ten minutes.
 */
raised: number, 
/**
 * For so many desks.
 */
desks: number, };

export type DeskLoadView = { 
/**
 * The desk.
 */
desk_id: DeskId, 
/**
 * Its name.
 */
desk: string, 
/**
 * Somebody watches there.
 */
held: boolean, 
/**
 * It is the one held here.
 */
here: boolean, 
/**
 * Alarms that came to it in the last ten minutes.
 */
raised: number, 
/**
 * What is recommended at most.
 */
recommended: number, 
/**
 * In a word (text `load.<code>`).
 */
word: LoadWord, };

export type NoticeView = { 
/**
 * Identifier.
 */
notice_id: string, 
/**
 * Why (text `notice_reason.<code>`).
 */
reason: NoticeReason, 
/**
 * Of which alarm, when it is of one.
 */
alarm_id: AlarmId | null, 
/**
 * Of which command, when somebody operated it alone.
 */
command_id: CommandId | null, 
/**
 * Since when.
 */
raised_at: Timestamp, 
/**
 * When a connector told the person on call; none while none did.
 */
sent_at: Timestamp | null, };

export type AlarmSummary = { 
/**
 * The most urgent alarm that asks this desk.
 */
top: AlarmView | null, 
/**
 * By priority, 1 first.
 */
counts: Array<AlarmCount>, 
/**
 * Out of sight.
 */
shelved: number, 
/**
 * The priority that sounds here; none when nothing asks.
 */
sounds: number | null, 
/**
 * An alarm rings every desk because nobody takes it.
 */
every_desk: boolean, 
/**
 * A flood under way: causes come first.
 */
flood: AlarmFlood | null, 
/**
 * What the last ten minutes asked of each desk.
 */
load: Array<DeskLoadView>, 
/**
 * Whom a connector tells, or is to tell, outside the room.
 */
notices: Array<NoticeView>, };

export type LogArgs = { 
/**
 * Most lines, newest first; 500 at most.
 */
limit: number, };

export type FileLineArgs = { 
/**
 * Decision or event.
 */
kind: LogKind, 
/**
 * The words, 4,000 characters at most.
 */
text: string, 
/**
 * The line that it corrects.
 */
corrects: RecordId | null, 
/**
 * What it speaks of.
 */
links: Array<Link>, 
/**
 * The draft it was typed in: erased as the line is filed.
 */
draft: string | null, };

export type LogLineView = { 
/**
 * Identifier.
 */
log_id: RecordId, 
/**
 * When it was written.
 */
written_at: Timestamp, 
/**
 * When the metropolis received it; none before it says so.
 */
received_at: Timestamp | null, 
/**
 * Name of the author's desk.
 */
desk: string | null, 
/**
 * Number among what its author wrote at his workstation.
 */
sequence: number, 
/**
 * Author's display name.
 */
author: string, 
/**
 * His role.
 */
role: Role, 
/**
 * Written by the account that is open here.
 */
mine: boolean, 
/**
 * Decision or event.
 */
kind: LogKind, 
/**
 * The words.
 */
text: string, 
/**
 * The line that it corrects.
 */
corrects: RecordId | null, 
/**
 * What it speaks of.
 */
links: Array<LinkedView>, 
/**
 * Name of whoever deposited it, when it was not its author.
 */
deposited_by: string | null, 
/**
 * Whether it bears its author's signature.
 */
authenticity: Authenticity, 
/**
 * Where it stands here, while the local copy does not contain it.
 */
waiting: RecordState | null, };

export type LinkedView = { 
/**
 * What it is.
 */
link: Link, 
/**
 * Its reference.
 */
reference: string | null, 
/**
 * Its name.
 */
name: string | null, };

export type RecordArgs = { 
/**
 * Which one.
 */
record_id: RecordId, };

export type RecordsView = { 
/**
 * The records.
 */
records: Array<RecordView>, 
/**
 * Why none of them goes, as a code, when it is not the refusal of one.
 */
trouble: string | null, };

export type RecordView = { 
/**
 * Identifier.
 */
record_id: RecordId, 
/**
 * Kind of submission: `log_entry`, `key_register`…
 */
kind: string, 
/**
 * Its first words.
 */
summary: string, 
/**
 * When it was written.
 */
written_at: Timestamp, 
/**
 * Where it stands.
 */
state: RecordState, 
/**
 * Why, as a code (text `reason.<code>` in the catalogues).
 */
detail: string | null, 
/**
 * It heads a lane and was refused: what follows it waits.
 */
blocks: boolean, 
/**
 * It can be tried again now.
 */
can_retry: boolean, 
/**
 * It can be given up.
 */
can_abandon: boolean, };

export type Exported = { 
/**
 * The file, one JSON object a line.
 */
file: string, 
/**
 * How many objects.
 */
number: number, };

export type DraftView = { 
/**
 * Which form, and about what.
 */
key: string, 
/**
 * Its fields.
 */
content: JsonValue, };

export type DraftArgs = { 
/**
 * Its key.
 */
key: string, };

export const EQUIPMENT_KINDS: readonly EquipmentKind[] = ["street_light", "signal_junction", "camera", "gauge", "container", "bollard", "building", "message_sign", "pump", "cabinet", "substation"];

export const LOOKS: readonly Look[] = ["normal", "active", "notice", "fault", "danger", "no_value"];

export const FRESHNESS: readonly Freshness[] = ["live", "ageing", "stale", "unreachable", "never"];

export const MARKS: readonly Mark[] = ["pending", "unknown", "override"];

export const ACTION_CODES: readonly string[] = ["street_light.read", "street_light.set_level", "street_light.to_programme", "street_light.set_programme", "street_light.former_programme", "signal_junction.read", "signal_junction.set_plan", "signal_junction.to_programme", "signal_junction.set_programme", "signal_junction.former_programme", "signal_junction.flash", "signal_junction.all_red", "signal_junction.dark", "camera.read", "camera.move", "gauge.read", "container.read", "bollard.read", "bollard.raise", "bollard.lower", "building.read", "building.set_heating", "building.to_programme", "building.disarm_intrusion", "message_sign.read", "message_sign.show_approved", "message_sign.show_text", "message_sign.to_programme", "cabinet.read", "substation.read", "pump.read", "pump.start", "pump.stop"];

export const REFUSALS: readonly Refusal[] = ["malformed", "unknown_kind", "no_account", "not_allowed", "no_such_object", "no_such_action", "bad_parameters", "held_by_other_desk", "needs_second_person", "not_approved", "approval_over", "approval_used", "approval_differs", "not_selected", "not_alone", "caller_needed", "sole_too_long", "sole_spent", "declined", "second_may_answer", "not_offered", "expired", "life_too_long", "clock_skew", "effect_unbounded", "control_changed", "no_visibility", "reason_needed", "crew_lock", "overtaken", "same_person", "shift_over", "illegal_event", "after_settle", "before_epoch", "not_signed", "no_such_programme", "not_former", "programme_in_use", "no_such_zone", "zone_changed", "reference_taken", "behind"];

export const REFUSED: readonly Refused[] = ["live_needs_reach", "no_visibility", "reason_needed", "clock_skew", "no_shift", "crew_lock", "draft_only"];

export const COMMAND_STATES: readonly CommandState[] = ["drafted", "noted", "intent", "reissued", "abandoned", "superseded", "void", "queued", "awaiting_key", "submitted", "unsettled", "never_received", "accepted", "dispatching", "dispatched", "executed", "confirmed", "failed", "unknown", "late_done", "late_failed", "closed", "rejected", "expired", "cancelled"];

export const EXCLUDED: readonly Excluded[] = ["other_kind", "not_allowed", "locked", "out_of_reach", "not_fresh", "already_so", "left_out", "gone"];

export const CHOSEN_BY: readonly ChosenBy[] = ["hand", "street", "cabinet", "commune", "area", "saved"];

export const INVALID_CODES: readonly InvalidCode[] = ["name", "same_name", "how_many", "time", "no_sun", "level", "plan_number", "sets", "no_such_programme", "dates"];

export const PREVIEW_FINDINGS: readonly PreviewFinding[] = ["off_by_night", "below_safety", "gap", "order", "same_time", "missing_hour", "doubled_hour", "outside_dates", "no_sun"];

export const ZONE_KINDS: readonly ZoneKind[] = ["cctv", "flood", "closed_building", "district"];

export const ZONE_FAULTS: readonly ZoneFault[] = ["reference", "name", "kind", "not_a_polygon", "too_few", "too_many", "out_of_bounds", "crosses", "orientation", "hole_outside"];

export const WORDS: readonly Word[] = ["to_send", "under_way", "done", "refused", "unknown"];

export const SOLE_REASONS: readonly SoleReason[] = ["emergency_vehicle", "life_in_danger", "fire", "public_order", "equipment_danger"];

export const RECORD_STATES: readonly RecordState[] = ["queued", "submitted", "unsettled", "refused", "accepted", "shown", "abandoned"];

export const LOCK_STATES: readonly LockState[] = ["asked", "in_force", "lifted", "withdrawn"];

export const HOLDER_SAID: readonly HolderSaid[] = ["clear", "no_answer"];

export const HANDLING_EFFECTS: readonly HandlingEffect[] = ["done", "already", "re_raised", "more_urgent", "over", "gone", "too_long", "passed", "not_by_this_role", "not_shelved", "no_such_desk"];

export const SHELVE_REASONS: readonly ShelveReason[] = ["known_fault", "works", "crew_on_site", "sensor_fault", "chattering", "weather", "test"];

export const SITE_WORKS: readonly SiteWork[] = ["not_known", "none", "works", "crew"];

export const NOTICE_REASONS: readonly NoticeReason[] = ["untaken", "room_empty", "operated_alone"];

export const LOAD_WORDS: readonly LoadWord[] = ["acceptable", "manageable", "demanding", "too_much"];

export const ALARM_MESSAGES: readonly string[] = ["substation.supply", "cabinet.supply", "cabinet.many", "cabinet.door", "source.silent", "street_light.supply", "street_light.lamp", "street_light.reach", "street_light.silence", "signal_junction.dark", "signal_junction.degraded", "signal_junction.fault", "signal_junction.reach", "signal_junction.silence", "bollard.fault", "bollard.silence", "message_sign.silence", "camera.picture", "camera.reach", "container.fire", "container.hot", "container.silence", "building.fire", "building.intrusion", "building.lift", "building.silence", "gauge.high", "gauge.rising", "gauge.reach", "gauge.silence", "gauge.lost", "river_reach.vigilance", "pump.fault", "pump.silence", "command.unknown", "command.unknown_service", "command.effect_overdue", "crew_lock.not_in_force", "crew_lock.past_end", "programme.differs", "device", "room.empty"];

export const ROLES: readonly Role[] = ["remote_operator", "supervisor", "call_agent", "cctv_operator", "social_worker", "field_manager", "manager", "it_admin", "auditor", "gateway", "house"];

/** Every command: its arguments and its reply. */
export interface Commands {
  status: { args: NoArgs; reply: Status };
  sign_in: { args: SignInArgs; reply: Status };
  sign_out: { args: NoArgs; reply: Status };
  suspend: { args: NoArgs; reply: Status };
  resume: { args: ResumeArgs; reply: Status };
  active: { args: NoArgs; reply: NoArgs };
  door: { args: NoArgs; reply: Door };
  look: { args: NoArgs; reply: Status };
  city: { args: NoArgs; reply: City };
  zones: { args: NoArgs; reply: ZonesView };
  check_zone: { args: ZoneArgs; reply: ZoneCheck };
  save_zone: { args: ZoneArgs; reply: ZoneSaved };
  drop_zone: { args: DropZoneArgs; reply: ZoneSaved };
  ground_file: { args: NoArgs; reply: GroundFileView };
  ground_tiles: { args: NoArgs; reply: GroundTilesView };
  search: { args: SearchArgs; reply: ObjectsFound };
  places: { args: SearchArgs; reply: PlacesFound };
  select: { args: Selection; reply: NoArgs };
  selection: { args: NoArgs; reply: Selection };
  objects: { args: ObjectFilter; reply: ObjectPage };
  kept: { args: ObjectFilter; reply: PointRuns };
  tally: { args: ObjectFilter; reply: Tally };
  sources: { args: NoArgs; reply: Array<SourceView> };
  flood: { args: NoArgs; reply: FloodView };
  gauge: { args: ObjectArgs; reply: GaugeSheet };
  under_water: { args: UnderWaterArgs; reply: UnderWater };
  object: { args: ObjectArgs; reply: ObjectSheet };
  object_at: { args: PointArgs; reply: ObjectSheet };
  history: { args: HistoryArgs; reply: Array<HistoryLine> };
  prepare: { args: PrepareArgs; reply: Preparation };
  operate: { args: OperateArgs; reply: CommandView };
  ask_second: { args: AskSecondArgs; reply: RequestArgs };
  ask_group: { args: GroupOperateArgs; reply: RequestArgs };
  requests: { args: NoArgs; reply: Array<RequestView> };
  answer_request: { args: AnswerArgs; reply: NoArgs };
  extend_request: { args: RequestArgs; reply: NoArgs };
  withdraw_request: { args: RequestArgs; reply: NoArgs };
  pilot: { args: ObjectArgs; reply: PilotView };
  select_object: { args: ObjectArgs; reply: PilotView };
  select_request: { args: RequestArgs; reply: SelectionView };
  hold_live: { args: HoldLiveArgs; reply: NoArgs };
  let_go: { args: NoArgs; reply: NoArgs };
  take_object: { args: ObjectArgs; reply: PilotView };
  give_object: { args: GiveObjectArgs; reply: PilotView };
  release_object: { args: ObjectArgs; reply: PilotView };
  sole_reviews: { args: NoArgs; reply: Array<SoleReviewView> };
  review_sole: { args: ReviewSoleArgs; reply: NoArgs };
  press_key: { args: ReasonArgs; reply: CommandView };
  cancel_command: { args: ReasonArgs; reply: CommandView };
  close_command: { args: ReasonArgs; reply: CommandView };
  abandon: { args: ReasonArgs; reply: CommandView };
  group_look: { args: GroupLookArgs; reply: GroupLook };
  group_prepare: { args: GroupPrepareArgs; reply: GroupPreparation };
  group_operate: { args: GroupOperateArgs; reply: GroupView };
  groups: { args: NoArgs; reply: Array<GroupView> };
  group: { args: GroupArgs; reply: GroupSheet };
  group_stop: { args: GroupArgs; reply: GroupView };
  group_press: { args: GroupArgs; reply: GroupView };
  group_abandon: { args: GroupArgs; reply: GroupView };
  saved_groups: { args: NoArgs; reply: Array<SavedGroupView> };
  save_group: { args: SaveGroupArgs; reply: NoArgs };
  drop_group: { args: SavedGroupArgs; reply: NoArgs };
  programmes: { args: NoArgs; reply: Array<ProgrammeView> };
  preview_programme: { args: ProgrammePreviewArgs; reply: ProgrammePreview };
  save_programme: { args: SaveProgrammeArgs; reply: ProgrammeArgs };
  drop_programme: { args: ProgrammeArgs; reply: NoArgs };
  return_programme: { args: ReturnProgrammeArgs; reply: ReturnedProgramme };
  outbox: { args: NoArgs; reply: Array<CommandView> };
  review: { args: NoArgs; reply: Review };
  locks: { args: NoArgs; reply: Array<LockView> };
  ask_lock: { args: LockAskArgs; reply: LockView };
  lift_lock: { args: LockArgs; reply: LockView };
  extend_lock: { args: LockExtendArgs; reply: LockView };
  force_lift_lock: { args: LockForceArgs; reply: LockView };
  confirm_lift_lock: { args: LockArgs; reply: LockView };
  effects: { args: NoArgs; reply: Array<EffectView> };
  alarm_summary: { args: NoArgs; reply: AlarmSummary };
  alarms: { args: AlarmFilter; reply: AlarmList };
  alarm: { args: AlarmArgs; reply: AlarmSheet };
  acknowledge_alarm: { args: AlarmAckArgs; reply: AlarmView };
  shelve_alarm: { args: AlarmShelveArgs; reply: AlarmView };
  unshelve_alarm: { args: AlarmArgs; reply: AlarmView };
  assign_alarm: { args: AlarmAssignArgs; reply: AlarmView };
  log: { args: LogArgs; reply: Array<LogLineView> };
  file_line: { args: FileLineArgs; reply: LogLineView };
  records: { args: NoArgs; reply: RecordsView };
  retry_record: { args: RecordArgs; reply: RecordsView };
  abandon_record: { args: RecordArgs; reply: RecordsView };
  export_unsent: { args: NoArgs; reply: Exported };
  drafts: { args: NoArgs; reply: Array<DraftView> };
  keep_draft: { args: DraftView; reply: NoArgs };
  discard_draft: { args: DraftArgs; reply: NoArgs };
  training: { args: TrainingArgs; reply: Status };
}
