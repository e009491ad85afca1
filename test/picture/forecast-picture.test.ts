import test from 'ava';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type Curve, colours, forecastPicture } from '../../src/picture/forecast-picture.ts';
import { png } from '../../src/picture/resvg-png.ts';
import { roundTicks, timeTicks } from '../../src/picture/scale.ts';

const hour = 3_600_000;
const midnight = Date.UTC(2026, 2, 1);
const curve: Curve = {
  title: 'Chlorophyll a at Harbour mouth (B01)',
  unit: 'ug/L',
  observed: [5, 6, Number.NaN, 9, 12].map((value, i) => ({ time: midnight + i * hour, value })),
  issuedAt: midnight + 5 * hour,
  forecast: [
    { time: midnight + 5 * hour, median: 16, low: 13, high: 19 },
    { time: midnight + 6 * hour, median: 24, low: 15, high: 33 },
  ],
  coverage: 0.9,
  levels: [{ value: 20, name: 'alert above 20' }],
};

interface Element {
  readonly [attribute: string]: string | undefined;
}

const parse = (svg: string) =>
  new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(svg).svg as Record<
    string,
    Element[]
  >;
const coloured = (elements: Element[] | undefined, colour: string) =>
  (elements ?? []).filter(({ stroke, fill }) => stroke === colour || fill === colour);

test('truth is blue and broken where nothing was measured, the forecast orange, its interval shaded, the level dashed', (t) => {
  const svg = forecastPicture(curve);
  t.true(XMLValidator.validate(svg) === true);
  const { path, line, circle, text } = parse(svg);
  const [measured] = coloured(path, colours.truth);
  t.is(measured!['d']!.match(/M/g)?.length, 2, 'one gap');
  t.is(coloured(circle, colours.truth).length, 4);
  t.is(coloured(circle, colours.forecast).length, 2);
  const shade = path!.find(({ 'fill-opacity': opacity }) => opacity !== undefined);
  t.is(shade?.['fill'], colours.forecast);
  const [level] = coloured(line, colours.level);
  t.is(level?.['y1'], level?.['y2']);
  t.truthy(level?.['stroke-dasharray']);
  const words = JSON.stringify(text);
  for (const said of ['Harbour mouth', 'ug/L', 'alert above 20', '90 % interval shaded', 'times in UTC'])
    t.true(words.includes(said), said);
});

test('higher values stand higher, later ones further right', (t) => {
  const { circle } = parse(forecastPicture(curve));
  const dots = coloured(circle, colours.truth).map(({ cx, cy }) => [Number(cx), Number(cy)] as const);
  for (const [i, [x, y]] of dots.slice(1).entries()) t.true(x > dots[i]![0] && y < dots[i]![1]);
});

test('without a forecast it says so', (t) => {
  const { forecast, issuedAt, coverage, ...rest } = curve;
  t.regex(forecastPicture(rest), />no forecast</);
});

test('text that means something to XML stays text', (t) => {
  const svg = forecastPicture({ ...curve, title: `<b> & "x" \u0000`, subtitle: 'EXERCISE' });
  t.true(XMLValidator.validate(svg) === true);
  t.true(svg.includes('&lt;b&gt; &amp; &quot;x&quot; <'));
});

test('any curve is a picture whose numbers are numbers', (t) => {
  const value = fc.oneof(fc.constant(Number.NaN), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
  const point = fc.record({ time: fc.integer({ min: midnight, max: midnight + 1000 * hour }), value });
  const forecast = fc.array(
    fc.record({
      time: fc.integer({ min: midnight, max: midnight + hour }),
      median: value,
      low: value,
      high: value,
    }),
  );
  fc.assert(
    fc.property(fc.array(point), forecast, (observed, forecast) => {
      const svg = forecastPicture({ title: '', unit: '', observed, forecast });
      return XMLValidator.validate(svg) === true && !/NaN|Infinity|undefined/.test(svg);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('ticks are round, rise, and lie inside', (t) => {
  t.deepEqual(roundTicks(0, 24), [0, 5, 10, 15, 20]);
  t.deepEqual(roundTicks(-0.03, 0.061), [-0.02, 0, 0.02, 0.04, 0.06]);
  t.deepEqual(
    timeTicks(midnight + 1, midnight + 6 * hour, 3),
    [2, 4, 6].map((h) => midnight + h * hour),
  );
});

test('the PNG is of the size asked for, has letters, and is the same each time', (t) => {
  const svg = forecastPicture(curve);
  const image = png(svg, 1);
  t.is(image.toString('latin1', 1, 4), 'PNG');
  t.deepEqual([image.readUInt32BE(16), image.readUInt32BE(20)], [720, 360]);
  t.true(image.equals(png(svg, 1)));
  t.false(image.equals(png(svg.replaceAll('Harbour', 'Herbour'), 1)), 'letters are drawn');
});
