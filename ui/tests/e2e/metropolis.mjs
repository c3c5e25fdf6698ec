// A real metropolis for journeys of several desks: PostgreSQL from the system, a small training city loaded into it, its field
// and house played. `VIGIE_CTL` names vigiectl, `VIGIE_PG_BIN` the folder of PostgreSQL's programs.

import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const exe = process.platform === "win32" ? ".exe" : "";
const vigiectl = process.env.VIGIE_CTL ?? fileURLToPath(new URL(`../../../target/debug/vigiectl${exe}`, import.meta.url));
const programs = process.env.VIGIE_PG_BIN ?? "/usr/lib/postgresql/15/bin";
const DATABASE = "postgres";

async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** PostgreSQL does not run as root: there it runs as the system's own user for it. */
async function ordinary(folder) {
  if (process.getuid?.() !== 0) return (program, args) => [program, args];
  const [{ stdout: uid }, { stdout: gid }] = await Promise.all([run("id", ["-u", "postgres"]), run("id", ["-g", "postgres"])]);
  await chown(folder, Number(uid), Number(gid));
  return (program, args) => ["runuser", ["-u", "postgres", "--", program, ...args]];
}

/** Opens one for the length of a test; `desk(role)` says how a development host sits down in it. */
export async function metropolis(t, { objects = 600 } = {}) {
  const home = await mkdtemp(join(tmpdir(), "vigie-metropolis-"));
  const passes = await mkdtemp(join(tmpdir(), "vigie-passes-"));
  await chmod(home, 0o755);
  const as = await ordinary(home);
  const data = join(home, "data");
  const port = await freePort();
  await run(...as(join(programs, "initdb"), ["-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync"]), { cwd: home });
  const control = (...args) => run(...as(join(programs, "pg_ctl"), ["-D", data, "-w", ...args]), { cwd: home });
  await control("-o", `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`, "-l", join(home, "log"), "start");
  t.after(async () => {
    await control("-m", "immediate", "stop").catch(() => {});
    await rm(home, { recursive: true, force: true });
    await rm(passes, { recursive: true, force: true });
  });
  const address = (login) => `postgres://${login}@127.0.0.1:${port}/${DATABASE}`;
  const passfile = join(passes, "pass");
  const env = { ...process.env, PGPASSFILE: passfile };
  await run(vigiectl, ["migrate", "--metropolis", address("owner"), "--rehearsal"], { env });
  await run(vigiectl, ["load", "--metropolis", address("owner"), "--training", "--seed", "7", "--objects", String(objects), "--passfile", passfile], { env });
  const field = spawn(vigiectl, ["simulate", "--metropolis", address("owner")], { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(async () => {
    const ended = new Promise((done) => field.once("exit", done));
    field.kill("SIGTERM");
    await ended;
  });
  await new Promise((playing, failed) => {
    createInterface({ input: field.stdout }).once("line", playing);
    field.once("exit", (code) => failed(new Error(`the field ended with ${code}`)));
  });
  return {
    /** How a role sits down: the arguments of its development host. This database asks nobody for a password. */
    desk: (role) => ({ args: ["--metropolis", address(`demo_${role}`), "--keys", "file", "--suspend-after", "0"] }),
  };
}
