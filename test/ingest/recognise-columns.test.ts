import test from 'ava';
import { NotRecognised, recogniseColumns } from '../../src/ingest/recognise-columns.ts';

const places = (header: string, station?: string) => {
  const { mapping } = recogniseColumns(header.split(','), station);
  return Object.fromEntries(
    Object.entries(mapping.values).map(([variable, place]) => {
      const { at, unit } = place as { at: string; unit?: string };
      return [variable, `${at} in ${unit}`];
    }),
  );
};

test('a coastal station: five variables, and what is ignored with its reason', (t) => {
  const header =
    'time_utc,station_id,chlorophyll_fluor_FFU,dissolved_oxygen_mg_L,dissolved_oxygen_uncorrected_mg_L,' +
    'dissolved_oxygen_sat_pct,water_temp_C,salinity_PSU,air_temp_C,pH,interp_suspect_chlorophyll';
  t.deepEqual(places(header), {
    airTemperature: 'air_temp_C in degC',
    chlorophyll: 'chlorophyll_fluor_FFU in undefined',
    dissolvedOxygen: 'dissolved_oxygen_mg_L in mg/L',
    salinity: 'salinity_PSU in 1e-3',
    waterTemperature: 'water_temp_C in degC',
  });
  const { mapping, ignored, notes } = recogniseColumns(header.split(','));
  t.is(mapping.time, 'time_utc');
  t.is(mapping.station, 'station_id');
  t.true(mapping.assumeUtc);
  t.deepEqual(
    ignored.map(({ column, reason }) => `${column}: ${reason}`),
    [
      'dissolved_oxygen_uncorrected_mg_L: dissolved_oxygen_mg_L is taken for dissolvedOxygen',
      'dissolved_oxygen_sat_pct: no unit that converts to one of dissolvedOxygen',
      'pH: none of the five variables',
      "interp_suspect_chlorophyll: a flag of the source's own quality control",
    ],
  );
  t.regex(notes.join(), /chlorophyll_fluor_FFU: relative fluorescence/);
});

test('a measured column is preferred to a derived one, wherever it stands', (t) => {
  t.is(
    places('time,station,chlorophyll_est_ug_L,chlorophyll_RFU')['chlorophyll'],
    'chlorophyll_RFU in undefined',
  );
  t.is(places('time,station,chlorophyll_est_ug_L,pH')['chlorophyll'], 'chlorophyll_est_ug_L in ug/L');
});

test('satellite, ERDDAP and flags', (t) => {
  t.deepEqual(places('time_utc,lat,lon,chlorophyll_mg_m3,sst_C', 'cell'), {
    chlorophyll: 'chlorophyll_mg_m3 in ug/L',
    waterTemperature: 'sst_C in degC',
  });
  t.deepEqual(places('time (UTC),temperature (celsius),salinity (psu)', 'M01'), {
    salinity: 'salinity (psu) in 1e-3',
    waterTemperature: 'temperature (celsius) in degC',
  });
  t.deepEqual(places('time,station,flag_air_temp_C,air_temp_C'), { airTemperature: 'air_temp_C in degC' });
});

test('air and water temperature are not confused', (t) => {
  t.deepEqual(places('time,station,air_temperature_degF,sea_surface_temperature_K'), {
    airTemperature: 'air_temperature_degF in degF',
    waterTemperature: 'sea_surface_temperature_K in K',
  });
});

test('what is missing is said', (t) => {
  const refused = (header: string) =>
    t.throws(() => recogniseColumns(header.split(',')), { instanceOf: NotRecognised });
  t.regex(refused('station_id,lat,lon')!.message, /no column of times among: station_id, lat, lon/);
  t.regex(refused('time,chl_ug_L')!.message, /no column names the station/);
  t.regex(refused('time,station,pH')!.message, /no column of a known variable/);
  t.regex(
    refused('time,station,water_temp')!.message,
    /no column of a known variable/,
    'a temperature without unit',
  );
});
