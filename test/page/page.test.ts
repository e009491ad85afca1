import test from 'ava';
import type { Locator, Page } from 'playwright-core';
import type { History } from '../../src/dashboard/history.ts';
import { startHttpServer } from '../../src/dashboard/http-server.ts';
import { createMetrics } from '../../src/dashboard/metrics.ts';
import type { OrderGiven } from '../../src/dashboard/operator.ts';
import { exampleStatus, now } from '../dashboard/example-status.ts';
import { redtide, temporaryFolder, until } from '../process.ts';
import { openPage, startBrowser, violations } from './browser.ts';

const hour = 3_600_000;
const views = ['#/', '#/station/B04', '#/alerts', '#/health'];

test('the demo in a browser: the bloom and its warning, live, over a restart of the server', async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const data = temporaryFolder(t);
  const start = (port: string) =>
    redtide(t, 'demo', '--data', data, '--port', '0', '--http-port', port, '--speed', '12000');
  const demo = start('0');
  const url = (await demo.line(/^status page/)).split(/\s+/)[2]!;
  const token = (await demo.line(/^orders /)).split(' ').at(-1)!;
  const { page, complaints } = await openPage(browser, url);
  await page.getByText(/\d+\/8 stations reporting/).waitFor({ timeout: 60_000 });
  const clock = page.locator('header time');
  const before = await clock.textContent();
  await until('the clock goes on', async () => (await clock.textContent()) !== before);
  const warning = page.getByText('Bloom conditions are forecast').first();
  await warning.waitFor({ timeout: 90_000 });

  await page.locator('li', { has: warning }).first().getByRole('link').click();
  await page.locator('.chart canvas').waitFor();
  await until('the forecast is orange', () => hasColour(page, [0xdd, 0x6b, 0x20]));
  await until('what was measured is blue', () => hasColour(page, [0x2b, 0x6c, 0xb0]));
  await page.getByRole('button', { name: 'Dissolved oxygen' }).click();
  await page.getByRole('button', { name: '7 days' }).click();
  await page.locator('.chart canvas').waitFor();

  await ordersAreCarriedOut(page, token);

  await demo.stop('SIGTERM');
  await page.getByText('Connection lost').waitFor();
  const errors = complaints.filter(
    (text) => !/Failed to load resource|ERR_|EventSource|willReadFrequently/.test(text),
  );
  t.deepEqual(errors, []);
  const again = start(new URL(url).port);
  await again.line(/^status page/);
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 });
  await again.stop('SIGTERM');
});

/** By the edge itself: acknowledged, silenced and told again. */
async function ordersAreCarriedOut(page: Page, token: string): Promise<void> {
  const fill = async (form: Locator, note: string) => {
    await form.getByLabel('Your name').fill('A. Officer');
    await form.getByLabel('Note').fill(note);
    await form.getByLabel('Access token').fill(token);
  };
  await page.getByRole('link', { name: 'Alerts' }).click();
  const alert = page.locator('li', { hasText: 'Bloom conditions are forecast' }).first();
  const id = await alert.getAttribute('data-alert');
  const row = page.locator(`li[data-alert="${id}"]`);
  await row.getByRole('button', { name: 'Silence' }).click();
  await fill(row, 'boat is out');
  await row.getByLabel('hours').fill('900');
  await row.getByRole('button', { name: 'Silence' }).click();
  await row.getByText('Done.').waitFor();
  await row.getByRole('button', { name: 'Cancel' }).click();
  const silence = page.locator('section', { hasText: 'Nobody is told of' }).locator('li');
  await silence.getByText('boat is out').waitFor();
  await row.getByRole('button', { name: 'Acknowledge' }).click();
  await fill(row, 'seen');
  await row.getByRole('button', { name: 'Acknowledge' }).click();
  await row.getByText('Done.').waitFor();
  await row.getByRole('button', { name: 'Cancel' }).click();
  await row.getByText('moderate, acknowledged, since').waitFor();
  await silence.getByRole('button', { name: 'Lift' }).click();
  await fill(silence, '');
  await silence.getByRole('button', { name: 'Lift' }).click();
  await silence.getByText('Done.').waitFor();
  await silence.getByRole('button', { name: 'Cancel' }).click();
  await silence.waitFor({ state: 'detached' });
}

/** Whether the canvas has a pixel of about this colour. */
async function hasColour(page: Page, colour: readonly number[]): Promise<boolean> {
  return page.locator('.chart canvas').evaluate((canvas, [red, green, blue]) => {
    const { width, height } = canvas as unknown as { width: number; height: number };
    const context = (canvas as unknown as { getContext(name: '2d'): { getImageData: Reader } }).getContext(
      '2d',
    );
    type Reader = (x: number, y: number, w: number, h: number) => { readonly data: Uint8ClampedArray };
    const { data } = context.getImageData(0, 0, width, height);
    for (let i = 0; i < data.length; i += 4)
      if (Math.abs(data[i]! - red!) + Math.abs(data[i + 1]! - green!) + Math.abs(data[i + 2]! - blue!) < 12)
        return true;
    return false;
  }, colour);
}

async function* hours() {
  for (let at = now - 24 * hour; at < now; at += hour / 6)
    yield { sensor: 'a', time: at, value: 5 + Math.sin(at / hour), flag: 1 };
}
async function* none() {}
const history: History = { readings: hours, steps: none, forecasts: none, alerts: none };
const hostile = '<img src=x onerror="window.hit=1">"\'&</script><script>window.hit=1</script>';

async function serveExample(t: Parameters<typeof startBrowser>[0]) {
  const orders: OrderGiven[] = [];
  const example = exampleStatus();
  const [first, ...rest] = example.stations;
  const status = { ...example, stations: [{ ...first!, name: hostile }, ...rest] };
  const server = await startHttpServer({
    port: 0,
    status: () => status,
    metrics: createMetrics(),
    history,
    operator: {
      operators: [{ name: 'duty', token: 'secret' }],
      order: async (order) => {
        orders.push(order);
        return { outcomes: [] };
      },
    },
  });
  t.teardown(() => server.stop());
  return { url: server.url, orders };
}

test('each view in both themes, on a desk and on a phone: nothing to complain of, for axe neither', async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url } = await serveExample(t);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 390]) {
      const { page, complaints } = await openPage(browser, url, {
        colorScheme,
        viewport: { width, height: 844 },
      });
      for (const view of views) {
        await page.goto(url + view);
        await page.getByText('Live', { exact: true }).waitFor();
        if (view.includes('station')) await page.locator('.chart canvas').waitFor();
        t.deepEqual(await violations(page), [], `${view}, ${colorScheme}, ${width}`);
        const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        t.true(over <= 0, `${view} is ${over} px too wide at ${width}`);
      }
      t.deepEqual(complaints, []);
      t.is(await page.evaluate(() => (globalThis as { hit?: number }).hit), undefined);
      await page.close();
    }
});

test('an alert is acknowledged by keyboard, with a token, and nothing of the token stays', async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url, orders } = await serveExample(t);
  const { page } = await openPage(browser, `${url}#/alerts`);
  const [alert] = exampleStatus().alerts;
  const row = page.locator('li', { hasText: alert!.text });
  await row.getByRole('button', { name: 'Acknowledge' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('A. Officer');
  await page.keyboard.press('Tab');
  await page.keyboard.type('seen');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await row.getByText('the token is not one of an operator').waitFor();
  t.deepEqual(orders, []);
  await row.getByLabel('Access token').fill('secret');
  await page.keyboard.press('Enter');
  await row.getByText('Done.').waitFor();
  const details = { alert: alert!.id, note: 'seen' };
  t.deepEqual(orders, [{ action: 'acknowledge', author: 'A. Officer (duty)', details }]);
  t.is(
    await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage }).includes("secret")'),
    false,
  );
});

test('what was given up is sent again, by who has a token', async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url, orders } = await serveExample(t);
  const { page } = await openPage(browser, `${url}#/health`);
  const row = page.getByRole('row', { name: /^mail/ });
  await row.getByRole('button', { name: 'Send again' }).click();
  await row.getByLabel('Your name').fill('A. Officer');
  await row.getByLabel('Access token').fill('secret');
  await page.keyboard.press('Enter');
  await row.getByText('Done.').waitFor();
  t.deepEqual(orders, [{ action: 'resend', author: 'A. Officer (duty)', details: { channel: 'mail' } }]);
});

test('in Chinese and in local time, remembered', async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url } = await serveExample(t);
  const { page } = await openPage(browser, url, { timezoneId: 'Asia/Shanghai' });
  await page.getByText('2026-05-02 14:20 UTC').waitFor();
  await page.getByLabel('Language').selectOption('zh');
  await page.getByText('个站点有数据').waitFor();
  await page.getByLabel('时间').selectOption('local');
  await page.reload();
  await page.getByText('2026-05-02 22:20', { exact: true }).waitFor();
  t.is(await page.locator('html').getAttribute('lang'), 'zh-Hans');
  t.deepEqual(await violations(page), []);
});

test('without scripts the page tells the same', async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url } = await serveExample(t);
  const { page } = await openPage(browser, url, { javaScriptEnabled: false });
  await page.getByText('1 alert firing, 2 of 4 stations reporting').waitFor();
  t.true(await page.getByRole('table').isVisible());
});
