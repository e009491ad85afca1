import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

/** IANA special-purpose registries (RFC 6890 and successors): what is not a host of the public Internet. */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Networks as `10.1.0.0/16` or single addresses; throws naming the one that is neither. */
export function networks(list: readonly string[]): BlockList {
  const found = new BlockList();
  for (const text of list) addNetwork(found, text);
  return found;
}

function addNetwork(found: BlockList, text: string): void {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most)
    throw new Error(`${text} is no network; write for example 10.1.0.0/16 or 192.168.1.5`);
  found.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
}

const closed = networks(special);

/** An IPv4 address written as an IPv6 one (`::ffff:127.0.0.1`) is judged as the IPv4 address: BlockList does so. */
export function isOpen({ address, family }: Address, allowed: BlockList): boolean {
  const type = family === 4 ? 'ipv4' : 'ipv6';
  return allowed.check(address, type) || !closed.check(address, type);
}

/**
 * The addresses of a host that may be connected to. The caller connects to these and asks no second time: between
 * two answers a name can change from a public address to one behind our firewall (DNS rebinding).
 *
 * @throws where it has none, or one of them is special and not allowed, naming it.
 */
export async function openAddresses(
  hostname: string,
  allowed: BlockList,
  resolve: Resolve = resolveByName,
): Promise<readonly Address[]> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  const found = family === 0 ? await resolve(bare) : [{ address: bare, family: family as 4 | 6 }];
  if (found.length === 0) throw new Error(`${hostname} has no address`);
  const barred = found.find((address) => !isOpen(address, allowed));
  if (barred)
    throw new Error(
      `${hostname} is at ${barred.address}, which is not on the public Internet; where that is meant, list its network under allow`,
    );
  return found;
}

async function resolveByName(hostname: string): Promise<readonly Address[]> {
  return (await lookup(hostname, { all: true })) as Address[];
}
