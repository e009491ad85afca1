import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { readHeader } from '../../src/ingest/csv-file.ts';
import { FileSource, type FileSourceOptions } from '../../src/ingest/file-source.ts';
import type { CsvMapping } from '../../src/ingest/format.ts';
import { mergeByTime } from '../../src/ingest/merge-by-time.ts';
import type { Message } from '../../src/ingest/message.ts';

const mapping: CsvMapping = {
  columns: ['time', 'station', 'chl'],
  station: 'station',
  time: 'time',
  values: { chlorophyll: 'chl' },
};
const header = 'time,station,chl\n';
const minute = (at: number) => `2020-01-01T00:${String(at).padStart(2, '0')}:00Z`;
const row = (at: number, station = 'b1') => `${minute(at)},${station},${at}`;

function newFile(t: ExecutionContext, name: string, content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-file-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function play(options: FileSourceOptions): Promise<{ messages: Message[]; source: FileSource }> {
  const messages: Message[] = [];
  const source = new FileSource(options);
  await source.start(async (message) => void messages.push(message));
  await source.ended;
  return { messages, source };
}
const texts = (messages: readonly Message[]) =>
  messages.map(({ payload }) => Buffer.from(payload).toString());

test('a message for each row, at its own time, plain or gzipped', async (t) => {
  const content = `\uFEFF${header}${row(1)}\r\n\n${row(2)}\n`;
  for (const [name, bytes] of [
    ['a.csv', content],
    ['a.csv.gz', gzipSync(content)],
  ] as const) {
    const { messages, source } = await play({ files: [{ path: newFile(t, name, bytes), mapping }] });
    t.deepEqual(texts(messages), [row(1), row(2)]);
    t.deepEqual(
      messages.map(({ receivedAt }) => receivedAt),
      [Date.parse(minute(1)), Date.parse(minute(2))],
    );
    t.is(messages[0]!.topic, `file/${name}`);
    t.is(source.state, 'ended');
  }
});

test('several files are merged by time, ties by the order of the files', async (t) => {
  const one = newFile(t, 'one.csv', header + [1, 3, 5].map((at) => row(at, 'b1')).join('\n'));
  const two = newFile(t, 'two.csv', header + [1, 2, 6].map((at) => row(at, 'b2')).join('\n'));
  const { messages } = await play({ files: [one, two].map((path) => ({ path, mapping })) });
  t.deepEqual(texts(messages), [
    row(1, 'b1'),
    row(1, 'b2'),
    row(2, 'b2'),
    row(3, 'b1'),
    row(5, 'b1'),
    row(6, 'b2'),
  ]);
});

test('time is told once for each later one, before its rows, and never goes back', async (t) => {
  const path = newFile(t, 'a.csv', header + [2, 2, 1, 4].map((at) => row(at)).join('\n'));
  const seen: (number | string)[] = [];
  const source = new FileSource({
    files: [{ path, mapping }],
    onTime: (time) => void seen.push(time),
  });
  await source.start(async ({ payload }) => void seen.push(Buffer.from(payload).toString()));
  await source.ended;
  const at = (text: string) => Date.parse(text);
  t.deepEqual(seen, [at(minute(2)), row(2), row(2), row(1), at(minute(4)), row(4)]);
});

test('rows that fit nothing are handed over as they are, at the time of the row before', async (t) => {
  const rows = [row(1), 'not a time,b1,3', '"a ""quoted"", cell",b1', 'x'];
  const path = newFile(t, 'a.csv', header + rows.join('\n'));
  const { messages } = await play({ files: [{ path, mapping }] });
  t.deepEqual(texts(messages), rows);
  t.deepEqual(new Set(messages.map(({ receivedAt }) => receivedAt)), new Set([Date.parse(minute(1))]));
});

test('no more rows are under way than allowed, and all are settled at the end', async (t) => {
  const path = newFile(t, 'a.csv', header + Array.from({ length: 59 }, (_, at) => row(at)).join('\n'));
  let open = 0;
  let most = 0;
  const source = new FileSource({ files: [{ path, mapping }], maxPending: 7 });
  await source.start(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 2));
    open--;
  });
  await source.ended;
  t.is(most, 7);
  t.is(open, 0);
});

test('what is not accepted ends the source with that error', async (t) => {
  const path = newFile(t, 'a.csv', header + row(1));
  const source = new FileSource({ files: [{ path, mapping }] });
  await source.start(() => Promise.reject(new Error('disk full')));
  await t.throwsAsync(source.ended, { message: 'disk full' });
});

test('a file that is not there, and one that is cut off, are told with their path', async (t) => {
  const source = new FileSource({ files: [{ path: 'missing.csv', mapping }] });
  await t.throwsAsync(
    source.start(async () => {}),
    { message: /^missing\.csv: cannot be read \(ENOENT\)/ },
  );
  const whole = gzipSync(header + Array.from({ length: 59 }, (_, at) => row(at)).join('\n'));
  const cut = newFile(t, 'cut.csv.gz', whole.subarray(0, whole.length - 20));
  await t.throwsAsync(play({ files: [{ path: cut, mapping }] }), {
    message: /cut\.csv\.gz: unexpected end of file/,
  });
});

test('progress reaches the size of the file', async (t) => {
  const path = newFile(t, 'a.csv', header + row(1));
  const seen: number[][] = [];
  await play({ files: [{ path, mapping }], onProgress: (...progress) => seen.push(progress) });
  const size = (header + row(1)).length;
  t.deepEqual(seen.at(-1), [size, size]);
});

test('stop leaves nothing open', async (t) => {
  const path = newFile(t, 'a.csv', header + Array.from({ length: 59 }, (_, at) => row(at)).join('\n'));
  let open = 0;
  let taken = 0;
  const source = new FileSource({ files: [{ path, mapping }], maxPending: 2 });
  await source.start(async () => {
    open++;
    taken++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
  });
  while (taken < 4) await new Promise(setImmediate);
  await source.stop();
  const before = taken;
  t.is(open, 0);
  t.is(source.state, 'stopped');
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.is(taken, before);
  t.true(taken < 59);
});

test('the header gives the names of the columns', async (t) => {
  const path = newFile(t, 'a.csv', `\uFEFF"Temp, C", chl \n1,2\n`);
  t.deepEqual(await readHeader(path), ['Temp, C', 'chl']);
});

test('mergeByTime keeps the order of each sequence, even where it goes back', async (t) => {
  async function* sequence(...times: number[]) {
    for (const time of times) yield { time };
  }
  const merged: number[] = [];
  for await (const { time } of mergeByTime([sequence(1, 5, 2), sequence(3), sequence()])) merged.push(time);
  t.deepEqual(merged, [1, 3, 5, 2]);
});
