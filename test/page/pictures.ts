/** `npm run pictures`: runs the demonstration in a real browser and makes the pictures of the README anew. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const root = new URL('../../', import.meta.url).pathname;
const folder = join(root, 'docs/pictures');
const data = mkdtempSync(join(tmpdir(), 'redtide-pictures-'));
const args = ['demo', '--data', data, '--port', '0', '--http-port', '0', '--speed', '6000'];
const demo = spawn(process.execPath, [join(root, 'bin/redtide.js'), ...args], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const lines = createInterface({ input: demo.stdout })[Symbol.asyncIterator]();

/** Resolves with the first line that fits. */
async function line(pattern: RegExp): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the demonstration ended before it said ${pattern}`);
    if (pattern.test(value)) return value;
  }
}

const views = [
  { name: 'stations', hash: '#/', width: 1280, height: 1000, colorScheme: 'light' },
  { name: 'station', hash: '#/station/B04', width: 1280, height: 1100, colorScheme: 'dark' },
  { name: 'alerts-phone', hash: '#/alerts', width: 390, height: 844, colorScheme: 'dark' },
] as const;

try {
  const url = (await line(/^status page/)).split(/\s+/)[2]!;
  await line(/Bloom conditions are observed/);
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const { name, hash, width, height, colorScheme } of views) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(url + hash);
    await page.getByText('Live', { exact: true }).waitFor();
    if (hash.includes('station/')) await page.locator('.chart canvas').waitFor();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
    console.log(join('docs/pictures', `${name}.png`));
  }
  await browser.close();
} finally {
  demo.kill('SIGTERM');
  await once(demo, 'exit');
  rmSync(data, { recursive: true, force: true });
}
