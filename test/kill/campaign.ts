import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { uniform } from '../../src/simulate/chance.ts';
import type { ServerProcess } from '../servers.ts';
import type { Gateway } from './gateway.ts';
import { type Point, points } from './points.ts';
import { type Death, Victim } from './victim.ts';

/** Acknowledgements by the edge in each of its lives. */
export const acknowledgements = 200;

const everyPoint: readonly Point[] = ['random', ...points];
/** As many lives see an end at each point once. */
export const once = everyPoint.length;
/** ms; a start takes many seconds where others want the processors too. */
const patience = 180_000;

export interface Campaign {
  readonly config: string;
  readonly kills: number;
  readonly seed: number;
  readonly gateway: Gateway;
  /** Undefined where the edge is the broker. */
  readonly broker: ServerProcess | undefined;
  readonly influx: ServerProcess;
}

/**
 * Starts the edge and ends it, again and again, while the gateway goes on. Each life acknowledges `acknowledgements`
 * messages first. Every third life sees InfluxDB killed and started again, every fourth Mosquitto stopped and started.
 */
export async function killAgainAndAgain(t: ExecutionContext, campaign: Campaign): Promise<void> {
  for (let life = 0; life < campaign.kills; life++) {
    const death = deathOf(life, campaign.seed);
    const victim = new Victim(t, campaign.config, death);
    try {
      await liveAndDie(victim, death, life, campaign);
    } catch (error) {
      const where = `seed ${campaign.seed}, life ${life}, to die at ${JSON.stringify(death)}`;
      throw new Error(`${where}: ${(error as Error).message}\n${victim.said}`);
    }
  }
}

/** Points take turns; where in them, and the moments of `random`, are drawn. */
export function deathOf(life: number, seed: number): Death {
  const at = everyPoint[life % everyPoint.length]!;
  const draw = uniform(seed, life);
  const most = at === 'random' ? 400 : at === 'store' ? 15 : 3;
  const rare = at.startsWith('store') || at.startsWith('announce') || at === 'spill';
  const skip = rare ? 0 : Math.floor(3 * uniform(seed, life, 1));
  return { at, after: acknowledgements, skip, delay: Math.floor(most * draw) };
}

async function liveAndDie(victim: Victim, death: Death, life: number, campaign: Campaign): Promise<void> {
  const { gateway, influx } = campaign;
  // What waits at the broker when the edge comes up, and no more.
  gateway.limit = gateway.sent + acknowledgements;
  // Without a store the points pile up, and go to the disk.
  const away = death.at === 'spill';
  if (away) await influx.kill();
  const troubles = trouble(life, campaign, away);
  await within('the acknowledgements', armed(victim));
  gateway.limit = Number.POSITIVE_INFINITY;
  if (death.at === 'random') {
    await sleep(death.delay);
    victim.signal('SIGKILL');
  }
  await within('its death', victim.ended);
  const end = await victim.ended;
  if (end !== 'SIGKILL') throw new Error(`it was to be killed, and there was: ${end}`);
  gateway.limit = gateway.sent;
  await troubles;
  if (away) await influx.start();
}

async function trouble(life: number, { influx, broker }: Campaign, away: boolean): Promise<void> {
  if (life % 3 === 1 && !away) {
    await influx.kill();
    await influx.start();
  }
  if (broker && life % 4 === 2) {
    await broker.stop();
    await broker.start();
  }
}

async function armed({ armed, ended }: Victim): Promise<void> {
  const early = ended.then((end) => {
    throw new Error(`it ended with ${end} before the acknowledgements`);
  });
  await Promise.race([armed, early]);
}

async function within(what: string, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const late = sleep(patience, `${what}: not within ${patience} ms`, over).catch(() => '');
  const problem = await Promise.race([work.then(() => ''), late]).finally(() => over.abort());
  if (problem) throw new Error(problem);
}
