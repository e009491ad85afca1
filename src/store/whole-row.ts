/** Fields that every point of a measurement has, but for those that points of earlier versions lack. */
const always = {
  reading: ['value', 'flag', 'receivedAt', 'failed', 'revision', 'lateOnly'],
  step: ['coverage', 'count', 'flag', 'length', 'revision'],
  forecast: ['issuedAt', 'verified', 'model'],
  verification: [
    'bias',
    'drift',
    'forecast',
    'measured',
    'persistence',
    'issuedAt',
    'verified',
    'within',
    'model',
  ],
  alert: ['onset', 'sequence', 'id', 'from', 'cause', 'reason', 'evidence', 'stations', 'more', 'quiet'],
} as const;

const statistics = ['mean', 'minimum', 'maximum', 'deviation'];

/**
 * InfluxDB 1 keeps each field of a point apart and a query takes no snapshot of them: of points that are being written
 * it may show some fields only. Such a row is not there yet.
 */
export function isWhole(measurement: keyof typeof always, row: Readonly<Record<string, unknown>>): boolean {
  const has = (name: string) => row[name] !== null && row[name] !== undefined;
  if (!always[measurement].every(has)) return false;
  return measurement !== 'step' || row['count'] === 0 || statistics.every(has);
}
