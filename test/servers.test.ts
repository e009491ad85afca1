import { existsSync } from 'node:fs';
import test from 'ava';
import { startInflux, startMosquitto } from './servers.ts';

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
