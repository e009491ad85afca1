import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { InfluxDB } from 'influx';
import { parse } from 'yaml';
import { dashboards } from '../../deploy/grafana/source/all.ts';
import { type Dashboard, written } from '../../deploy/grafana/source/dashboard.ts';
import { gaugesOf } from '../../src/commands/gauges.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import type { Line } from '../../src/store/line-protocol.ts';
import { linesOf } from '../../src/store/schema.ts';
import type { Stored } from '../../src/store/store.ts';
import { exampleStatus } from '../dashboard/example-status.ts';
import { redtide, temporaryFolder } from '../process.ts';
import { startInflux } from '../servers.ts';
import { alert, forecast, reading, step, verification } from '../store/points.ts';

const folder = new URL('../../deploy/grafana/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');

interface Written {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly datasource: object;
    readonly gridPos: { x: number; y: number; w: number; h: number };
    readonly fieldConfig: { defaults: { unit: string } };
    readonly targets: readonly { datasource: object; query: string; resultFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { name: string; query: string; datasource: object }[] };
  readonly annotations: {
    readonly list: readonly { name: string; query: string; datasource: object; textColumn: string }[];
  };
}
const jsonOf = (dashboard: Dashboard): Written => JSON.parse(written(dashboard));

/** Every InfluxQL of a dashboard, with what it is of. */
function queriesOf(dashboard: Dashboard): { readonly what: string; readonly query: string }[] {
  const { uid, panels, templating, annotations } = jsonOf(dashboard);
  return [
    ...panels.flatMap(({ title, targets }) =>
      targets.map(({ query }) => ({ what: `${uid}: ${title}`, query })),
    ),
    ...templating.list.map(({ name, query }) => ({ what: `${uid}: variable ${name}`, query })),
    ...annotations.list.map(({ name, query }) => ({ what: `${uid}: annotation ${name}`, query })),
  ];
}

test('what is checked in is what the source makes', (t) => {
  t.deepEqual(
    readdirSync(new URL('dashboards/', folder)).sort(),
    dashboards.map(({ uid }) => `${uid}.json`).sort(),
  );
  for (const dashboard of dashboards)
    t.is(read(`dashboards/${dashboard.uid}.json`), written(dashboard), `${dashboard.uid}: npm run grafana`);
});

test('identities are unique, panels have units and do not overlap, and all ask the one data source', (t) => {
  const provisioned = parse(read('provisioning/datasources/redtide.yaml')).datasources;
  const [{ uid, type, database, jsonData }] = provisioned;
  t.is(database, jsonData.dbName);
  t.is(jsonData.version, 'InfluxQL');
  t.is(new Set(dashboards.map((one) => one.uid)).size, dashboards.length);
  for (const dashboard of dashboards) {
    const { panels, templating, annotations } = jsonOf(dashboard);
    t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const one of [
      ...panels,
      ...panels.flatMap(({ targets }) => targets),
      ...templating.list,
      ...annotations.list,
    ])
      t.deepEqual(one.datasource, { type, uid });
    for (const [at, { gridPos, fieldConfig, title, targets }] of panels.entries()) {
      t.true(fieldConfig.defaults.unit.length > 0 && targets.length > 0, title);
      t.true(gridPos.x + gridPos.w <= 24, title);
      for (const { gridPos: other } of panels.slice(at + 1)) {
        const apart = gridPos.x + gridPos.w <= other.x || other.x + other.w <= gridPos.x;
        t.true(apart || gridPos.y + gridPos.h <= other.y || other.y + other.h <= gridPos.y, title);
      }
    }
    for (const name of new Set(
      queriesOf(dashboard).flatMap(({ query }) =>
        [...query.matchAll(/\$(station|variable)\b/g)].map(([, n]) => n),
      ),
    ))
      t.true(
        templating.list.some((variable) => variable.name === name),
        `${dashboard.uid} has no $${name}`,
      );
  }
});

/** Tags and fields of each measurement, from the code that writes them. */
function schema(): Map<string, Set<string>> {
  const points: Stored[] = [reading(), step(), forecast(), verification(), alert()];
  const lines: Line[] = [...points.flatMap((point) => linesOf(point)), ...gaugesOf(exampleStatus())];
  const known = new Map<string, Set<string>>();
  for (const { measurement, tags, floats, integers, texts, booleans } of lines) {
    const names = known.get(measurement) ?? new Set<string>();
    for (const name of Object.keys({ ...tags, ...floats, ...integers, ...texts, ...booleans }))
      names.add(name);
    known.set(measurement, names);
  }
  return known;
}

test('queries use only measurements, tags and fields that redtide writes', (t) => {
  const known = schema();
  for (const dashboard of dashboards)
    for (const { what, query } of queriesOf(dashboard)) {
      const [, measurement] = /FROM "(\w+)"/.exec(query)!;
      const own = known.get(measurement!);
      t.truthy(own, `${what}: there is no measurement ${measurement}`);
      const aliases = new Set([...query.matchAll(/AS "(\w+)"/g)].map(([, name]) => name!));
      const keys = query.startsWith('SHOW') ? [/KEY = "(\w+)"/.exec(query)![1]!] : [];
      const names = [...query.matchAll(/"(\w+)"/g)].map(([, name]) => name!);
      for (const name of [...keys, ...names])
        t.true(
          name === measurement || own!.has(name) || aliases.has(name),
          `${what}: ${measurement} has no ${name}`,
        );
    }
});

test('each panel, variable and annotation finds its series in a real InfluxDB after a replay', async (t) => {
  const influx = await startInflux(t);
  if (!influx) return;
  const data = temporaryFolder(t);
  const csv = join(data, 'history.csv');
  const from = Date.UTC(2026, 4, 1);
  const to = from + 6 * 86_400_000;
  const span = ['--from', new Date(from).toISOString(), '--to', new Date(to).toISOString()];
  t.is((await redtide(t, 'simulate', '--out', csv, '--story', ...span).ended).code, 0);
  const models = new URL('../fixtures/models', import.meta.url).pathname;
  const replay = redtide(t, 'replay', csv, '--influx', influx.url, '--models', models);
  t.is((await replay.ended).code, 0, replay.text('err'));
  const store = new InfluxStore({ url: influx.url, database: 'redtide' });
  for (const minutes of [0, 10, 20]) {
    const status = exampleStatus();
    const produced = { ...status.produced, messages: status.produced.messages + minutes };
    await store.gauges(gaugesOf({ ...status, produced, now: to - (30 - minutes) * 60_000 }));
  }
  // What good data and the demonstration's model, which gives no interval, do not bring.
  const time = from + 3_600_000;
  const rare = [3, 4].map((flag) => reading({ flag: flag as 3, time: time + flag }));
  await store.write([...rare, verification({ issuedAt: time })]);
  await store.close();

  const client = new InfluxDB({ host: '127.0.0.1', port: influx.port, database: 'redtide' });
  const filled = (query: string) =>
    query
      .replaceAll('$timeFilter', `time >= ${from}ms AND time < ${to + 86_400_000}ms`)
      .replaceAll('$__interval', '10m')
      .replaceAll('/^$station$/', '/^(B01|B02|B03|B04|B05|B06|B07|B08)$/')
      .replaceAll('/^$variable$/', '/^(chlorophyll|dissolvedOxygen)$/');
  for (const dashboard of dashboards)
    for (const { what, query } of queriesOf(dashboard)) {
      const rows = await client.query<Record<string, unknown>>(filled(query)).catch((error: Error) => {
        t.fail(`${what}: ${error.message}: ${query}`);
        return [];
      });
      t.true(rows.length > 0, `${what} is empty: ${filled(query)}`);
      for (const [, alias] of query.matchAll(/AS "(\w+)"/g))
        if (!query.includes('FROM ('))
          t.true(Object.hasOwn(rows[0]!, alias!), `${what} has no column ${alias}`);
    }
});
