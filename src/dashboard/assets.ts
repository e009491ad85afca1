import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** A file that the page loads: the same for every visitor, compressed once. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

/** What scripts/build.js makes of src/page, and what that imports. */
const browserFolder = fileURLToPath(new URL('../../dist/browser/', import.meta.url));

/** By path: the scripts of the page, and uPlot. Read once; empty where the page was not built. */
export function loadAssets(): ReadonlyMap<string, Asset> {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'));
  const scripts = listed(browserFolder).filter((name) => name.endsWith('.js'));
  return new Map([
    ...scripts.map((name) => [`/${name}`, asset(join(browserFolder, name), 'text/javascript')] as const),
    ['/uplot.js', asset(join(uplot, 'uPlot.iife.min.js'), 'text/javascript')],
    ['/uplot.css', asset(join(uplot, 'uPlot.min.css'), 'text/css')],
  ]);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

function asset(path: string, type: string): Asset {
  const body = readFileSync(path);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
  return { type: `${type}; charset=utf-8`, body, gzip: gzipSync(body, { level: 9 }), etag };
}
