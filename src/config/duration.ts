import { z } from 'zod';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `10m`, `1h30m`, `7d` to ms; undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * units[unit as keyof typeof units];
  return Math.round(total);
}

/** ms to the shortest text that reads well: `90m` is `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  const parts: string[] = [];
  for (const [name, size] of Object.entries(units).reverse()) {
    const amount = Math.floor(rest / size);
    if (amount > 0) parts.push(`${amount}${name}`);
    rest -= amount * size;
  }
  return parts.join('') || '0s';
}

/** `10m`, `1h`, `7d`; parsed to ms. */
export const duration = z
  .string()
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: 'is no duration; write for example 10m, 1h30m or 7d' });
    return z.NEVER;
  })
  .meta({ type: 'string', examples: ['10m'] });

export const time = (text: string) => duration.prefault(text);
