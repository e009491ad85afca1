import test from 'ava';
import { createMetrics, type Metrics } from '../../src/dashboard/metrics.ts';
import type { Status } from '../../src/dashboard/status.ts';
import { counts, exampleStatus, station } from './example-status.ts';

/** The samples of redtide's own metrics: `name{labels}` to value. */
async function scrape(metrics: Metrics, status: Status): Promise<Map<string, number>> {
  const lines = (await metrics.scrape(status)).split('\n').filter((line) => line.startsWith('redtide_'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('each number of the status is told', async (t) => {
  const samples = await scrape(createMetrics(), exampleStatus());
  const expected = {
    'redtide_build_info{version="0.1.0"}': 1,
    redtide_source_connected: 1,
    redtide_messages_received_total: 420,
    'redtide_values_received_total{station="B01"}': 500,
    'redtide_values_settled_total{station="B01",fate="stored"}': 490,
    'redtide_values_settled_total{station="B01",fate="duplicate"}': 3,
    'redtide_values_settled_total{station="B01",fate="late_only"}': 0,
    'redtide_values_settled_total{station="B01",fate="shed"}': 0,
    'redtide_values_settled_total{station="(unknown)",fate="quarantined"}': 9,
    'redtide_values_pending{station="B01"}': 7,
    'redtide_values_pending{station="(unknown)"}': 0,
    'redtide_station_data_age_seconds{station="B02"}': 2400,
    'redtide_station_watermark_lag_seconds{station="B02"}': 3000,
    'redtide_station_reporting{station="B02"}': 0,
    'redtide_station_reporting{station="B03"}': 1,
    'redtide_channel_messages{channel="mail",state="waiting"}': 2,
    'redtide_channel_messages{channel="mail",state="dead"}': 1,
    redtide_steps_total: 96,
    redtide_windows_total: 40,
    redtide_forecasts_total: 80,
    redtide_forecasts_declined_total: 3,
    redtide_alert_transitions_total: 2,
    'redtide_alerts{state="firing",severity="moderate"}': 1,
    'redtide_alerts{state="pending",severity="severe"}': 0,
    'redtide_model_info{id="lstm-chlorophyll-3f2a",backend="wasm: SIMD, 1 thread",network="study-lstm"}': 1,
    'redtide_model_skill{over="champion"}': 0.04,
    'redtide_model_skill{over="persistence"}': 0.31,
    'redtide_store_state{store="lmdb",state="answering"}': 1,
    'redtide_store_state{store="lmdb",state="spilling"}': 0,
    redtide_store_waiting_points: 12,
    redtide_journal_head_sequence: 12_345,
    redtide_journal_position_sequence: 12_340,
    redtide_journal_stalled_seconds: 0,
    redtide_latency_seconds: 0.012,
  };
  for (const [name, value] of Object.entries(expected)) t.is(samples.get(name), value, name);
});

test('how forecasts have done is told by station, variable and horizon; what has no number is left out', async (t) => {
  const verified = [
    {
      variable: 'chlorophyll',
      horizon: 3,
      time: 0,
      verified: 9,
      skill: 0.25,
      skillOverClimatology: 0.5,
      coverage: 0.8,
      bias: -1,
      drift: 0.1,
    },
    { variable: 'salinity', horizon: 1, time: 0, verified: 1, bias: 0, drift: 0 },
  ];
  const samples = await scrape(
    createMetrics(),
    exampleStatus({ stations: [station('B01', 3, 1, { verified })] }),
  );
  const labels = '{station="B01",variable="chlorophyll",horizon="3"}';
  t.is(samples.get(`redtide_forecast_skill${labels}`), 0.25);
  t.is(samples.get(`redtide_forecast_skill_over_climatology${labels}`), 0.5);
  t.is(samples.get(`redtide_forecast_coverage${labels}`), 0.8);
  t.is(samples.get(`redtide_forecast_bias${labels}`), -1);
  t.is(samples.get(`redtide_forecast_drift${labels}`), 0.1);
  t.is(samples.get('redtide_forecast_skill{station="B01",variable="salinity",horizon="1"}'), undefined);
  t.is(samples.get('redtide_forecast_bias{station="B01",variable="salinity",horizon="1"}'), 0);
});

test('the ledger balances in what is scraped', async (t) => {
  const samples = [...(await scrape(createMetrics(), exampleStatus()))];
  const sum = (prefix: string) =>
    samples.filter(([name]) => name.startsWith(prefix)).reduce((total, [, value]) => total + value, 0);
  t.is(sum('redtide_values_received_total'), 2009);
  t.is(sum('redtide_values_settled_total') + sum('redtide_values_pending'), 2009);
});

test('a second scrape counts nothing twice, and forgets what is gone', async (t) => {
  const metrics = createMetrics();
  const first = await scrape(metrics, exampleStatus());
  t.deepEqual(await scrape(metrics, exampleStatus()), first);
  const later = await scrape(metrics, exampleStatus({ stations: [], alerts: [], model: undefined }));
  t.is(later.get('redtide_values_received_total{station="B01"}'), undefined);
  t.is(later.get('redtide_alerts{state="firing",severity="moderate"}'), 0);
  t.false([...later.keys()].some((name) => /^redtide_model_(info|skill)/.test(name)));
});

test('a station never heard has no age, rather than one of half a century', async (t) => {
  const samples = await scrape(createMetrics(), exampleStatus({ stations: [station('B01', 0, undefined)] }));
  t.false(samples.has('redtide_station_data_age_seconds{station="B01"}'));
  t.is(samples.get('redtide_station_reporting{station="B01"}'), 0);
});

test('a station name cannot forge a metric', async (t) => {
  const id = 'B"} 1\nredtide_forged 1\\';
  const named = station('B01', 3, 1, { id, counts: counts(1) });
  const text = await createMetrics().scrape(exampleStatus({ stations: [named] }));
  t.false(text.split('\n').some((line) => line.startsWith('redtide_forged')));
  t.true(text.includes('station="B\\"} 1\\nredtide_forged 1\\\\"'));
});

test('names and units follow the conventions, and the process is told of too', async (t) => {
  const text = await createMetrics().scrape(exampleStatus());
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].filter(([, name]) =>
    name!.startsWith('redtide_'),
  );
  t.true(types.length > 20);
  for (const [, name, type] of types) {
    t.regex(name!, /^redtide_[a-z][a-z_]*[a-z]$/);
    t.is(name!.endsWith('_total'), type === 'counter', name);
  }
  t.regex(text, /^process_resident_memory_bytes \d/m);
  t.regex(text, /^nodejs_eventloop_lag_seconds /m);
});
