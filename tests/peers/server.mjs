// CouchDB's protocol over HTTP on loopback, by express-pouchdb on LevelDB: the peer's metropolis.
// Started by pouchdb.mjs with the folder of its data; tells its port and serves until its parent goes.
import { join } from 'node:path';
import express from 'express';
import expressPouchDB from 'express-pouchdb';
import PouchDB from 'pouchdb';

const folder = process.argv[2];
const Served = PouchDB.defaults({ prefix: join(folder, 'db-') });
const app = express();
app.use('/', expressPouchDB(Served, {
  mode: 'minimumForPouchDB',
  configPath: join(folder, 'config.json'),
  logPath: join(folder, 'log.txt'),
}));
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
