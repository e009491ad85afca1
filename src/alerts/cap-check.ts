/**
 * What CAP 1.2 asks of a document of ours, beyond and including what its schema says of the parts that we write: one
 * line per fault, none where it can be published. It reads our own text, not any XML.
 */
export function capFaults(xml: string): string[] {
  const infos = [...xml.matchAll(/<info>[\s\S]*?<\/info>/g)].map(([block]) => block);
  const head = xml.replace(/<info>[\s\S]*<\/info>/, '');
  return [
    ...required(head, ['identifier', 'sender', 'sent', 'status', 'msgType', 'scope']),
    ...allowed(head, 'status', ['Actual', 'Exercise', 'Test']),
    ...allowed(head, 'msgType', ['Alert', 'Update', 'Cancel']),
    ...allowed(head, 'scope', ['Public', 'Restricted', 'Private']),
    ...names(head),
    ...links(head),
    ...times(xml),
    ...(infos.length === 0 ? ['there is no info'] : []),
    ...infos.flatMap(infoFaults),
  ];
}

const values = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, value]) => value!);

const required = (text: string, all: readonly string[]) =>
  all.filter((name) => !values(text, name)[0]?.trim()).map((name) => `${name} is missing`);

function allowed(text: string, name: string, all: readonly string[]): string[] {
  return values(text, name).flatMap((value) =>
    all.includes(value) ? [] : [`${name} ${value} is none of ${all.join(', ')}`],
  );
}

/** 3.2.1: no spaces, commas or restricted characters. */
function names(head: string): string[] {
  return ['identifier', 'sender'].flatMap((name) =>
    values(head, name).flatMap((value) =>
      /[\s,<&]/.test(value) ? [`${name} ${value} has a space, comma, < or &`] : [],
    ),
  );
}

/** 3.2.1: what an Update or Cancel is about, to whom a restricted or private message goes. */
function links(head: string): string[] {
  const [kind] = values(head, 'msgType');
  const [scope] = values(head, 'scope');
  const references = values(head, 'references')[0];
  const faults: string[] = [];
  if (kind !== 'Alert' && !references) faults.push(`${kind} needs references`);
  if (kind === 'Alert' && references) faults.push('an Alert refers to nothing');
  for (const reference of references?.split(' ') ?? [])
    if (!/^[^\s,]+,[^\s,]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(reference))
      faults.push(`reference ${reference} is not sender,identifier,sent`);
  if (scope === 'Restricted' && !values(head, 'restriction')[0])
    faults.push('scope Restricted needs restriction');
  if (scope === 'Private' && !values(head, 'addresses')[0]) faults.push('scope Private needs addresses');
  return faults;
}

/** 3.3.2, and the pattern of the schema. */
function times(xml: string): string[] {
  return ['sent', 'effective', 'onset', 'expires'].flatMap((name) =>
    values(xml, name).flatMap((value) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
        ? []
        : [`${name} ${value} is not written like 2026-03-01T00:00:00-00:00`],
    ),
  );
}

function infoFaults(info: string): string[] {
  const [sent] = values(info, 'effective');
  const [expires] = values(info, 'expires');
  return [
    ...required(info, [
      'category',
      'event',
      'urgency',
      'severity',
      'certainty',
      'headline',
      'description',
      'areaDesc',
    ]),
    ...required(info, ['expires', 'instruction']),
    ...allowed(info, 'urgency', ['Immediate', 'Expected', 'Future', 'Past', 'Unknown']),
    ...allowed(info, 'severity', ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown']),
    ...allowed(info, 'certainty', ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown']),
    ...(Date.parse(expires ?? '') > Date.parse(sent ?? '')
      ? []
      : [`expires ${expires} is not after ${sent}`]),
    ...values(info, 'polygon').flatMap(polygonFaults),
    ...values(info, 'circle').flatMap((circle) =>
      isCircle(circle) ? [] : [`circle ${circle} is no circle`],
    ),
  ];
}

/** 3.2.4: at least four points, of which the last is the first. */
function polygonFaults(polygon: string): string[] {
  const points = polygon.split(' ');
  const whole = points.length >= 4 && points[0] === points.at(-1) && points.every(isPoint);
  return whole ? [] : [`polygon ${polygon} is not closed, or has no four points`];
}

function isPoint(text: string): boolean {
  const [latitude, longitude, ...more] = text.split(',').map(Number);
  return more.length === 0 && Math.abs(latitude!) <= 90 && Math.abs(longitude!) <= 180;
}

function isCircle(text: string): boolean {
  const [point = '', radius] = text.split(' ');
  return isPoint(point) && Number(radius) >= 0;
}
