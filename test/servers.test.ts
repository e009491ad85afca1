import { existsSync } from 'node:fs';
import test from 'ava';
import { requireServer, startInflux, startMosquitto } from './servers.ts';

test('InfluxDB starts, answers, dies and starts again with its data', async (t) => {
  const influx = await startInflux(t);
  if (!influx) return;
  const ask = (path: string, init?: RequestInit) => fetch(`${influx.url}${path}`, init);
  await ask('/query?q=CREATE+DATABASE+kept', { method: 'POST' });
  t.is((await ask('/write?db=kept', { method: 'POST', body: 'm v=1 1' })).status, 204);
  await influx.kill();
  await t.throwsAsync(ask('/ping'));
  await influx.start();
  t.regex(
    await (await ask('/query?db=kept&q=SELECT+v+FROM+m')).text(),
    /\[\["1970-01-01T00:00:00.000000001Z",1\]\]/,
  );
});

test('Mosquitto starts, with what is added to its configuration', async (t) => {
  const mosquitto = await startMosquitto(t, 'log_dest stdout\nlog_type all');
  if (!mosquitto) return;
  await mosquitto.stop();
  t.regex(mosquitto.log, /mosquitto version/);
  t.true(existsSync(`${mosquitto.folder}/mosquitto.db`));
});

test.serial('a server that is not installed skips the test, or fails it where servers are required', (t) => {
  const said: string[] = [];
  const fake = {
    log: (line: string) => said.push(line),
    pass: () => said.push('passed'),
    fail: (line: string) => said.push(`failed: ${line}`),
  } as unknown as typeof t;
  const before = process.env['REDTIDE_REQUIRE_SERVERS'];
  t.teardown(() => {
    if (before === undefined) delete process.env['REDTIDE_REQUIRE_SERVERS'];
    else process.env['REDTIDE_REQUIRE_SERVERS'] = before;
  });
  delete process.env['REDTIDE_REQUIRE_SERVERS'];
  t.is(requireServer(fake, 'moon', ['/nowhere/moon']), undefined);
  t.deepEqual(said.splice(0), ['skipped: moon is not installed', 'passed']);
  process.env['REDTIDE_REQUIRE_SERVERS'] = '1';
  t.is(requireServer(fake, 'moon', ['/nowhere/moon']), undefined);
  t.is(said[0], 'failed: moon is required and not installed');
  t.is(requireServer(fake, 'node', ['/nowhere/node', process.execPath]), process.execPath);
});
