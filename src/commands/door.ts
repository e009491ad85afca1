import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { doorOf } from '../claim.ts';
import type { Edge } from '../edge.ts';
import { type Order, orderFault } from '../ingest/command.ts';
import { Refused } from './command.ts';

/** What an edge says to an order. */
export type OrderAnswer = Readonly<Record<string, unknown>>;

const longest = 1_000_000;

/**
 * Takes orders (`POST /orders`) of other commands of this machine, on the socket of the data folder: who may write
 * there may give them. An order is in the journal and through the pipeline when it is answered.
 */
export function operatorDoor(edge: Edge): RequestListener {
  return (incoming, response) => {
    carryOut(edge, incoming).then(
      (answer) => say(response, 200, answer),
      (error: Error) => say(response, 400, { error: error.message }),
    );
  };
}

async function carryOut(edge: Edge, incoming: IncomingMessage): Promise<OrderAnswer> {
  if (incoming.method !== 'POST' || incoming.url !== '/orders') throw new Error('only POST /orders is here');
  const order = JSON.parse(await bodyOf(incoming)) as Order;
  const fault = orderFault(order);
  if (fault) throw new Error(fault);
  return giveOrder(edge, order);
}

/** @throws where it can't be carried out, with the reason. */
export async function giveOrder(edge: Edge, order: Order): Promise<OrderAnswer> {
  const outcomes = await edge.command(order);
  const act = Object.hasOwn(besides, order.action) ? besides[order.action] : undefined;
  return act ? act(edge, order) : { outcomes };
}

/** Orders whose effect lies outside the pipeline; the journal says all the same that they were given. */
const besides: Readonly<Record<string, (edge: Edge, order: Order) => Promise<OrderAnswer>>> = {
  async 'replay-quarantine'(edge, { details }) {
    const { sequences = [] } = details as { readonly sequences?: readonly number[] };
    return { replayed: await edge.replayQuarantined(sequences) };
  },
  async resend({ outbox }, { details: { channel, id } }) {
    const chosen = (given: unknown, own: string) => given === undefined || given === own;
    return {
      resent: await outbox.resend((letter) => chosen(channel, letter.channel) && chosen(id, letter.id)),
    };
  },
  async receipt({ outbox }, { author, details: { id, channel } }) {
    if (typeof id !== 'string') throw new Error('details/id must be the id of the message that was read');
    const on = typeof channel === 'string' ? channel : undefined;
    if (!(await outbox.receive(id, author, on)))
      throw new Error(`no message ${id} was sent${on ? ` on ${on}` : ''}`);
    return { received: id };
  },
};

/**
 * Asks the edge that holds a data folder to carry out an order; undefined where none runs.
 *
 * @throws {Refused} with the edge's reason.
 */
export async function askEdge(folder: string, order: Order): Promise<OrderAnswer | undefined> {
  const outgoing = request({ socketPath: doorOf(folder), method: 'POST', path: '/orders' });
  outgoing.end(JSON.stringify(order));
  let incoming: IncomingMessage;
  try {
    [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  } catch (error) {
    if (nobodyThere.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new Error(`the edge on ${folder} cannot be asked: ${(error as Error).message}`);
  }
  const body = await bodyOf(incoming);
  if (incoming.statusCode === 503)
    throw new Error(
      `${folder}: another redtide process holds this data folder and cannot be asked; stop it first`,
    );
  const answer = JSON.parse(body) as OrderAnswer;
  if (incoming.statusCode !== 200) throw new Refused(String(answer['error']));
  return answer;
}

const nobodyThere = new Set(['ENOENT', 'ECONNREFUSED']);

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > longest) throw new Error(`an order may have ${longest} bytes, not more`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function say(response: ServerResponse, code: number, answer: OrderAnswer): void {
  response.writeHead(code, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(answer)}\n`);
}
