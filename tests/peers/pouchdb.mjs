// PouchDB beside Vigie, on the same machine in the same minutes. One JSON object on the last line says what was measured.
//
//   node pouchdb.mjs initial DOCS [BATCH]   a city of so many documents into an empty local copy: {seconds}
//   node pouchdb.mjs live UPDATES           from the answer to a PUT to the change in the local copy: {waits: [ms]}
//   node pouchdb.mjs push DOCS [BATCH]      documents written while away, replicated to the server: {seconds}
//   node pouchdb.mjs each DOCS              the same, one after the other, each once the one before it is answered: {seconds}
//
// BATCH is the documents in a batch of a replication, PouchDB's own default (100) where none is given. The server is a process of
// its own (server.mjs) and both sides keep their data in LevelDB files; LevelDB does not sync its log to the disk, which favours
// this side.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PouchDB from 'pouchdb';

const [, , what, count, batch] = process.argv;
const BATCHES = batch ? { batch_size: Number(batch) } : {};

const folder = await mkdtemp(join(tmpdir(), 'vigie-peer-'));
const server = fork(new URL('server.mjs', import.meta.url), [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
try {
  const [port] = await once(server, 'message');
  const remote = new PouchDB(`http://127.0.0.1:${port}/city`);
  await remote.info();
  const local = new PouchDB(join(folder, 'local'));
  const measures = { initial, live, push, each };
  if (!measures[what] || !(Number(count) > 0)) {
    throw new Error('say what: initial DOCS, live UPDATES, push DOCS or each DOCS');
  }
  const found = await measures[what](local, remote, Number(count));
  console.log(JSON.stringify({ pouchdb: PouchDB.version, ...found }));
} finally {
  if (server.connected) {
    server.disconnect();
    await once(server, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}

/** An object of the city, as `bench/town.rs` makes them. */
function object(i) {
  return {
    _id: `EC-${String(i).padStart(7, '0')}`,
    name: `Lampadaire ${i}`,
    kind: 'street_light',
    insee_code: '21231',
    street: `Voie ${Math.floor(i / 40)}`,
    lon: 5 + (i % 1000) * 1e-4,
    lat: 47.3 + Math.floor(i / 1000) * 1e-5,
    attributes: { rank: i % 40, cabinet: `ARM-${Math.floor(i / 200)}`, lamp: 'LED 3000 K', note: 'x'.repeat(110) },
  };
}

async function fill(db, docs) {
  for (let from = 0; from < docs; from += 1000) {
    const batch = Array.from({ length: Math.min(1000, docs - from) }, (_, i) => object(from + i));
    const answers = await db.bulkDocs(batch);
    const refused = answers.find((answer) => answer.error);
    if (refused) throw new Error(`the server refused: ${refused.message}`);
  }
}

async function holds(db, docs) {
  const { doc_count } = await db.info();
  if (doc_count !== docs) throw new Error(`${doc_count} documents arrived of ${docs}`);
}

async function initial(local, remote, docs) {
  await fill(remote, docs);
  const begun = performance.now();
  await local.replicate.from(remote, BATCHES);
  const seconds = (performance.now() - begun) / 1000;
  await holds(local, docs);
  return { seconds };
}

async function live(local, remote, updates) {
  const objects = 1000;
  await fill(remote, objects);
  await local.replicate.from(remote, BATCHES);
  const answered = new Map();
  const arrived = new Map();
  let done;
  const all = new Promise((resolve) => { done = resolve; });
  local.changes({ since: 'now', live: true, include_docs: true }).on('change', ({ doc }) => {
    if (doc.turn === undefined) return;
    arrived.set(doc.turn, performance.now());
    if (arrived.size === updates) done();
  });
  const feed = local.replicate.from(remote, { live: true });
  for (let turn = 0; turn < updates; turn += 1) {
    const doc = await remote.get(object(turn % objects)._id);
    await remote.put({ ...doc, turn });
    answered.set(turn, performance.now());
    await new Promise((resolve) => { setTimeout(resolve, 20 + (turn % 5) * 10); });
  }
  await all;
  feed.cancel();
  return { waits: [...arrived].map(([turn, at]) => Math.max(0, at - answered.get(turn))) };
}

async function push(local, remote, docs) {
  await fill(local, docs);
  const begun = performance.now();
  await local.replicate.to(remote, BATCHES);
  const seconds = (performance.now() - begun) / 1000;
  await holds(remote, docs);
  return { seconds };
}

async function each(local, remote, docs) {
  await fill(local, docs);
  const begun = performance.now();
  for (let i = 0; i < docs; i += 1) {
    const doc = await local.get(object(i)._id, { revs: true });
    await remote.bulkDocs([doc], { new_edits: false });
  }
  const seconds = (performance.now() - begun) / 1000;
  await holds(remote, docs);
  return { seconds };
}
