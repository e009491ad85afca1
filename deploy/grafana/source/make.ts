/** `npm run grafana`: writes deploy/grafana/dashboards/*.json, which are checked in; a test holds them to this. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dashboards } from './all.ts';
import { written } from './dashboard.ts';

const folder = new URL('../dashboards/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const dashboard of dashboards)
  writeFileSync(new URL(`${dashboard.uid}.json`, folder), written(dashboard));
