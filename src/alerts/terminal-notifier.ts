import { styleText } from 'node:util';
import type { AlertMessage, Compose } from './message.ts';
import type { Notifier } from './notifier.ts';

export interface TerminalOptions {
  readonly name?: string;
  /** Standard output, or what stands for it. */
  readonly stream: {
    write(text: string, done: (error?: Error | null) => void): unknown;
    readonly isTTY?: boolean;
  };
  readonly compose: Compose;
}

/** Writes one line for each transition, in colour where a person looks on. */
export function createTerminalNotifier({ name = 'terminal', stream, compose }: TerminalOptions): Notifier {
  return {
    name,
    async send(transition, because) {
      const line = lineOf(await compose(transition, because), stream.isTTY === true);
      return new Promise((resolve) => {
        stream.write(`${line}\n`, (error) =>
          resolve(error ? { outcome: 'retry', reason: error.message } : { outcome: 'delivered' }),
        );
      });
    },
    close: async () => {},
  };
}

/** `2026-03-01T02:00Z FIRING moderate: Bloom conditions are forecast at B01: forecast 24.1 ug/L ... [model]`. */
export function lineOf(message: AlertMessage, colour: boolean): string {
  const { state, severity, headline, what, when, evidence } = message;
  const label = state.toUpperCase();
  const shown = colour ? styleText(colourOf(message), label, { validateStream: false }) : label;
  const model = evidence.model ? ` [model ${evidence.model}]` : '';
  return `${when.changed} ${shown} ${severity}: ${oneLine(`${headline}: ${what.reason}`)}${model}`;
}

function colourOf({ state, severity }: AlertMessage): 'green' | 'red' | 'yellow' {
  if (state === 'resolved' || state === 'inactive') return 'green';
  return severity === 'severe' || severity === 'extreme' ? 'red' : 'yellow';
}

/** Text from a configuration must not break the line or drive the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
