import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';

/**
 * The arrows of ARCHITECTURE.md: which room may import which, and which file may import which technology. `A: [B]`
 * reads "A imports B". A room may always import itself.
 */
const arrows: Record<string, readonly string[]> = {
  ingest: ['disk', 'mqtt-connection'],
  stream: ['ingest/reading'],
  store: [
    'disk',
    'ingest/reading',
    'stream/step',
    'model/forecast',
    'model/online/verification',
    'alerts/alert',
  ],
  model: ['mqtt-connection', 'ingest/reading', 'stream/step', 'stream/window'],
  'model/online': ['model', 'stream/window', 'stream/kept', 'stream/pack', 'stream/operator'],
  'model/training': ['model', 'store/store', 'stream', 'ingest/reading', 'disk'],
  picture: [],
  alerts: [
    'picture',
    'disk',
    'mqtt-connection',
    'ingest/reading',
    'ingest/command',
    'stream/step',
    'stream/condition',
    'stream/derive-oxygen',
    'stream/kept',
    'model/forecast',
    'model/exceedance',
  ],
  dashboard: [],
  page: ['dashboard'],
  simulate: ['ingest/reading'],
  config: [
    'ingest/topic',
    'ingest/unit',
    'alerts/alert',
    'alerts/rule',
    'alerts/condition',
    'alerts/webhook-address',
  ],
};

/** Technology -> the only files that may import it. */
const technologies: Record<string, RegExp> = {
  mqtt: /(^|\/)mqtt-[\w-]+\.ts$/,
  'mqtt-packet': /\/mqtt-[\w-]+\.ts$/,
  aedes: /\/aedes-[\w-]+\.ts$/,
  influx: /^store\/influx-store\.ts$/,
  lmdb: /^(disk|checkpoint|[\w-]+\/(lmdb-[\w-]+|journal|quarantine|outbox))\.ts$/,
  'node-cron': /^commands\/(retrain|trainer)\.ts$/,
  '@tensorflow': /^model\//,
  zod: /^config\//,
  yaml: /^config\//,
  'prom-client': /^dashboard\//,
  nodemailer: /\/mail-[\w-]+\.ts$/,
  '@resvg/resvg-js': /^picture\/resvg-png\.ts$/,
};

const source = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('model/engine/assembly'))
  .sort();

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports of one file: relative ones as paths below src, others by package name. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/g;
  return [...text.matchAll(pattern)].map(([, typeOnly, named, dynamic]) => {
    const target = (named ?? dynamic)!;
    const to = target.startsWith('.') ? normalize(join(dirname(file), target)) : target;
    return { from: file, to, typeOnly: Boolean(typeOnly) };
  });
}

const all = files.flatMap(importsOf);
const inside = all.filter(({ to }) => files.includes(to));

/** The room of a file: its folder; training, online, networks and engine are rooms within the model. */
function roomOf(file: string): string {
  const folder = dirname(file);
  const within = ['model/training', 'model/online'].find((one) => folder.startsWith(one));
  return within ?? folder.split('/')[0] ?? folder;
}

test('the files were read', (t) => {
  t.true(files.length > 20, `${files.length} files`);
  t.true(inside.length > files.length, `${inside.length} imports`);
});

test('rooms import only along the arrows', (t) => {
  const wrong = inside.filter(({ from, to }) => {
    const room = roomOf(from);
    if (room === '.' || room === 'commands' || room === roomOf(to)) return false;
    return !(arrows[room] ?? []).some((allowed) => to === `${allowed}.ts` || to.startsWith(`${allowed}/`));
  });
  t.deepEqual(wrong, []);
});

test('nobody imports the commands but main, and the hot path never imports training', (t) => {
  t.deepEqual(
    inside.filter(
      ({ from, to }) => roomOf(to) === 'commands' && roomOf(from) !== 'commands' && from !== 'main.ts',
    ),
    [],
  );
  t.deepEqual(
    inside.filter(
      ({ from, to }) =>
        roomOf(to) === 'model/training' && !['model/training', 'commands'].includes(roomOf(from)),
    ),
    [],
  );
});

test('each technology is imported only where it belongs', (t) => {
  const wrong = all.filter(({ from, to }) =>
    Object.entries(technologies).some(
      ([name, where]) => (to === name || to.startsWith(`${name}/`)) && !where.test(from),
    ),
  );
  t.deepEqual(wrong, []);
});

test('there is no cycle, types included', (t) => {
  const targets = new Map(
    files.map((file) => [file, inside.filter(({ from }) => from === file).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  t.deepEqual(cycles, []);
});

test('no room has a name that says nothing', (t) => {
  t.deepEqual(
    files.filter((file) => /(^|\/)(utils?|helpers?|common|types|misc)(\/|\.ts$)/.test(file)),
    [],
  );
});
