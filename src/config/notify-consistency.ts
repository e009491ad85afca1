import { isIP } from 'node:net';
import { isOpen, networks } from '../alerts/webhook-address.ts';
import type { Config } from './schema.ts';

type Report = (path: (string | number)[], message: string) => void;
type Notify = Config['notify'][number];

/** Names that channels give each other, and what each kind cannot do without. */
export function checkNotify({ notify, areas, stations, http }: Config, report: Report): void {
  const names = notify.map(({ name }) => name);
  const places = [...areas.map(({ id }) => id), ...stations.map(({ id }) => id)];
  notify.forEach((channel, i) => {
    const at = (...path: (string | number)[]) => ['notify', i, ...path];
    const before = names.indexOf(channel.name);
    if (before < i) report(at('name'), `is the name of notify/${before} too; give each channel its own`);
    channel.receipt?.tell.forEach((name, j) => {
      if (!names.includes(name) || name === channel.name)
        report(at('receipt', 'tell', j), `is no other channel (${names.join(', ')})`);
    });
    channel.areas?.forEach((area, j) => {
      if (!places.includes(area)) report(at('areas', j), 'is neither an area nor a station');
    });
    checkKind(channel, http.public, (path, message) => report(at(...path), message));
  });
}

function checkKind(channel: Notify, address: string | undefined, report: Report): void {
  if (channel.kind === 'webhook') checkWebhook(channel, report);
  if (channel.kind === 'mail') {
    if (channel.receiptLink && address === undefined)
      report(['receiptLink'], 'needs http/public, the address at which people reach this edge');
    if (channel.username !== undefined && channel.password === undefined)
      report(['password'], 'is missing; a username needs one');
    if (channel.tls === 'none' && channel.username !== undefined)
      report(['tls'], 'must be required or implicit where a password is sent');
  }
  if (channel.kind === 'cap' && channel.scope === 'Restricted' && !channel.restriction)
    report(['restriction'], 'is missing; scope Restricted says to whom it is restricted');
  if (channel.kind === 'cap' && channel.scope === 'Private' && !channel.addresses)
    report(['addresses'], 'is missing; scope Private says whom it is for');
}

function checkWebhook({ url, allow }: Extract<Notify, { kind: 'webhook' }>, report: Report): void {
  let allowed: ReturnType<typeof networks>;
  try {
    allowed = networks(allow);
  } catch (error) {
    report(['allow'], (error as Error).message);
    return;
  }
  const address = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family !== 0 && !isOpen({ address, family: family as 4 | 6 }, allowed))
    report(['url'], 'is not on the public Internet; where that is meant, list its network under allow');
}
