// npm run soak: the kill test in rounds, each a campaign of its own behind Mosquitto and as its own broker, until the
// given number of kills (1,000). Options: --kills N, --seed S; a soak that was ended goes on with --from ROUND.
// npm run soak -- hostile: a million mutated messages (--messages N) through the whole pipeline.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    messages: { type: 'string' },
  },
});
const kills = Number(values.kills ?? 1000);
const seed = Number(values.seed ?? Date.now() % 100_000);
/** Two campaigns of eleven kills: each point once. */
const perRound = 22;
const rounds = Math.ceil(kills / perRound);
const root = fileURLToPath(new URL('..', import.meta.url));
const { isTTY } = process.stderr;

if (positionals[0] === 'hostile') {
  const more = { REDTIDE_HOSTILE: values.messages ?? '1000000', REDTIDE_SEED: `${seed}` };
  const { status, stdout } = runTest('test/edge/hostile.test.ts', more);
  console.log(stdout);
  process.exit(status ?? 1);
}

for (let round = Number(values.from ?? 1); round <= rounds; round++) {
  if (isTTY)
    process.stderr.write(`\rseed ${seed}, round ${round} of ${rounds}, ${(round - 1) * perRound} kills `);
  const { status, stdout } = runRound(seed + round);
  if (status !== 0) {
    console.log(
      `${stdout}\nfailed; again with: npm run soak -- --kills ${kills} --seed ${seed} --from ${round}`,
    );
    process.exit(1);
  }
}
if (isTTY) process.stderr.write('\n');
console.log(`seed ${seed}: ${rounds * perRound} kills, nothing lost and nothing invented`);

function runRound(ofRound) {
  return runTest('test/kill/kill.test.ts', { REDTIDE_SEED: `${ofRound}` });
}

function runTest(file, more) {
  const args = ['node_modules/ava/entrypoints/cli.mjs', '--timeout=60m', file];
  const env = { ...process.env, ...more, REDTIDE_REQUIRE_SERVERS: '1' };
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
}
