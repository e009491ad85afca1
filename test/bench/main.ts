/**
 * `npm run bench -- NAME`: runs one benchmark and prints one JSON line per case, with the peer or the limit beside
 * it. Machines are noisy: quote the ratios, which come of paired runs, and not the times.
 */
import { readdirSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const names = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3));
const [name] = process.argv.slice(2);

if (name && names.includes(name)) {
  const { run } = (await import(new URL(`${name}.ts`, here).href)) as {
    run: (print: (line: object) => void) => Promise<void>;
  };
  await run((line) => process.stdout.write(`${JSON.stringify(line)}\n`));
} else {
  console.error(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exitCode = 2;
}
