import { userInfo } from 'node:os';
import type { AlertTransition } from '../alerts/alert.ts';
import { instant as shown } from '../alerts/wording.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Order } from '../ingest/command.ts';
import { type Command, exit, flag, type Io, Refused, text, UsageError, type Values } from './command.ts';
import { askEdge } from './door.ts';
import { durationOf, folderOf, historyOf } from './shore.ts';

/** What an action asks of the command line, and the order that it makes of it. */
interface Action {
  readonly needs: readonly string[];
  readonly order: (given: Readonly<Record<string, string>>, values: Values) => Omit<Order, 'author'>;
}

const details = (values: Values, names: readonly string[]) =>
  Object.fromEntries(
    names.flatMap((name) => (text(values, name) === undefined ? [] : [[name, text(values, name)]])),
  );

const until = (values: Values) => {
  const [at, length] = [text(values, 'until'), text(values, 'for')];
  if ((at === undefined) === (length === undefined))
    throw new UsageError('needs --until TIME or --for DURATION');
  return { until: at ?? Date.now() + durationOf(length!) };
};

const actions: Readonly<Record<string, Action>> = {
  ack: {
    needs: ['alert'],
    order: (given, values) => ({
      action: 'acknowledge',
      details: { ...given, ...details(values, ['note']) },
    }),
  },
  verdict: {
    needs: ['alert', 'verdict'],
    order: (given, values) => ({ action: 'verdict', details: { ...given, ...details(values, ['note']) } }),
  },
  missed: {
    needs: ['rule', 'station'],
    order: (given, values) => ({
      action: 'missed',
      details: { ...given, ...details(values, ['from', 'until', 'note']) },
    }),
  },
  silence: {
    needs: [],
    order: (_, values) => ({
      action: 'silence',
      details: { ...details(values, ['rule', 'place', 'note']), ...until(values) },
    }),
  },
  maintenance: {
    needs: ['station'],
    order: (given, values) => ({
      action: 'maintenance',
      details: { ...given, ...details(values, ['note']), ...until(values) },
    }),
  },
  unsilence: { needs: ['silence'], order: (given) => ({ action: 'unsilence', details: given }) },
  test: {
    needs: ['rule', 'area'],
    order: (given, values) => ({
      action: 'test',
      details: { ...given, ...details(values, ['note', 'severity']) },
    }),
  },
  exercise: {
    needs: ['rule', 'area'],
    order: (given, values) => ({
      action: 'exercise',
      details: { ...given, ...details(values, ['note', 'severity']), ...until(values) },
    }),
  },
};

export const command: Command = {
  summary: 'what stands, its audit trail, and what people have to say to it',
  usage:
    'list | show | ack | silence | unsilence | maintenance | verdict | missed | test | exercise CONFIG ...',
  about: `list CONFIG [--all]: alerts that stand by the newest transition in the store, or all.
show CONFIG ALERT: its audit trail: every transition with time, cause, reason, evidence and author.
ack CONFIG ALERT: somebody has it in hand; it is no longer said again or handed on.
verdict CONFIG ALERT confirmed|false-alarm|unclear: for the record; it ends nothing, only evidence does.
missed CONFIG RULE STATION --from TIME --until TIME: a warning that should have stood then, for the record.
silence CONFIG [--rule ID] [--place AREA|STATION] --for 6h --note WHY: nobody is told until then.
unsilence CONFIG SILENCE: ends it. maintenance CONFIG STATION --for 2h --note WHY: nor do its values count.
test CONFIG RULE AREA: a message through every channel, marked as a test. exercise CONFIG RULE AREA --for 2h: one that stands.
All but list and show are orders to the running edge, and are journalled with their author.`,
  options: {
    all: { type: 'boolean', help: 'list: those that are over as well' },
    note: { type: 'string', help: 'why, for the record' },
    author: { type: 'string', value: 'NAME', help: 'who says so (your login)' },
    rule: { type: 'string', value: 'ID', help: 'silence: of this rule only' },
    place: { type: 'string', value: 'ID', help: 'silence: of this area or station only' },
    from: { type: 'string', value: 'TIME', help: 'missed: when it began' },
    until: { type: 'string', value: 'TIME', help: 'such as 2026-05-01T06:00Z' },
    for: { type: 'string', value: 'DURATION', help: 'such as 90m or 2d' },
    severity: {
      type: 'string',
      value: 'WORD',
      help: 'test, exercise: info, minor, moderate, severe, extreme',
    },
    json: { type: 'boolean', help: 'list and show: one JSON object a line' },
  },
  async run(values, [name = '', file, ...rest], io) {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action && name !== 'list' && name !== 'show')
      throw new UsageError(`"${name}" is none of list, show, ${Object.keys(actions).join(', ')}`);
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    if (action) await give(config, orderOf(action, rest, values), io);
    else if (name === 'list') await list(config, values, io);
    else await show(config, rest, values, io);
    return exit.ok;
  },
};

function orderOf({ needs, order }: Action, given: readonly string[], values: Values): Order {
  if (given.length !== needs.length)
    throw new UsageError(
      `needs ${needs.map((need) => need.toUpperCase()).join(' ') || 'no more words'} after CONFIG`,
    );
  const named = Object.fromEntries(needs.map((need, i) => [need, given[i]!]));
  return { author: text(values, 'author') ?? userInfo().username, ...order(named, values) };
}

/** What the edge answers: its refusal ends the command with exit code 3. */
async function give(config: Config, order: Order, io: Io): Promise<void> {
  const answered = await askEdge(folderOf(config), order);
  if (!answered) throw new Error(`no edge runs on ${config.data}; orders need one`);
  type Seen = { readonly kind: string; readonly accepted: boolean; readonly text: string };
  const answer = (answered['outcomes'] as readonly Seen[]).find(({ kind }) => kind === 'answer');
  if (!answer) throw new Refused('the edge does not know this order');
  if (!answer.accepted) throw new Refused(answer.text);
  io.out.write(`${answer.text}\n`);
}

async function trails(config: Config): Promise<Map<string, AlertTransition[]>> {
  const { store, close } = historyOf(config);
  const found = new Map<string, AlertTransition[]>();
  try {
    for await (const each of store.alerts({ from: 0, to: Number.MAX_SAFE_INTEGER }))
      found.set(each.id, [...(found.get(each.id) ?? []), each]);
  } finally {
    await close();
  }
  for (const trail of found.values()) trail.sort((a, b) => a.sequence - b.sequence);
  return found;
}

async function list(config: Config, values: Values, io: Io): Promise<void> {
  const over = (to: AlertTransition['to']) => to === 'resolved' || to === 'inactive';
  const last = [...(await trails(config)).values()].map((trail) => trail.at(-1)!);
  for (const each of last.sort((a, b) => a.onset - b.onset)) {
    if (over(each.to) && !flag(values, 'all')) continue;
    io.out.write(flag(values, 'json') ? `${JSON.stringify(each)}\n` : `${lineOf(each)}\n`);
  }
}

async function show(config: Config, [id]: readonly string[], values: Values, io: Io): Promise<void> {
  if (!id) throw new UsageError('show needs an alert; list names them');
  const trail = (await trails(config)).get(id);
  if (!trail) throw new Refused(`the store holds no alert ${id}`);
  for (const each of trail)
    io.out.write(flag(values, 'json') ? `${JSON.stringify(each)}\n` : `${each.sequence}  ${lineOf(each)}\n`);
}

function lineOf({
  id,
  time,
  from,
  to,
  cause,
  severity,
  reason,
  author,
  note,
  quiet,
  mode,
}: AlertTransition): string {
  const who = author === undefined ? '' : ` by ${author}${note === undefined ? '' : ` (${note})`}`;
  const told = quiet === undefined ? '' : ` [not told: ${quiet}]`;
  const marked = mode === 'actual' ? '' : `${mode.toUpperCase()} `;
  return `${shown(time)}  ${marked}${from} > ${to}  ${severity}  ${id}  ${cause}${who}: ${reason}${told}`;
}
