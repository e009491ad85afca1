type Child = Node | string | number | undefined | false | readonly Child[];
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

const svgNames = new Set(['svg', 'g', 'circle', 'rect', 'path', 'text', 'title', 'line', 'polyline']);

/** An element; what is put in is text, never markup, so a station's name can't be anything else. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes?: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(name), attributes, children);
}

export function drawing(name: string, attributes?: Attributes, ...children: Child[]): SVGElement {
  if (!svgNames.has(name)) throw new Error(`${name} is not drawn here`);
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill<E extends Element>(target: E, attributes: Attributes = {}, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') target.addEventListener(name, value);
    else if (value === true) target.setAttribute(name, '');
    else if (value !== undefined && value !== false) target.setAttribute(name, String(value));
  }
  target.append(...flat(children));
  return target;
}

function flat(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return flat(child as readonly Child[]);
    if (child === undefined || child === false) return [];
    return typeof child === 'number' ? [String(child)] : [child as Node | string];
  });
}

/** A table that may be wider than a phone: it scrolls by itself, by keyboard too (WCAG 2.1.1). */
export const scrolled = (label: string, table: HTMLElement): HTMLElement =>
  element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, table);

/** Changes the text only where it differs: what a screen reader has read stays read. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** The row of each key, in order; rows that stay are moved, not made anew, so that focus and selection stay. */
export function keyed<T>(
  parent: Element,
  rows: Map<string, Element>,
  items: readonly T[],
  keyOf: (item: T) => string,
  make: (item: T) => Element,
  update: (row: Element, item: T) => void,
): void {
  const wanted = new Set(items.map(keyOf));
  for (const [key, row] of rows)
    if (!wanted.has(key)) {
      row.remove();
      rows.delete(key);
    }
  items.forEach((item, at) => {
    const key = keyOf(item);
    let row = rows.get(key);
    if (!row) rows.set(key, (row = make(item)));
    update(row, item);
    if (parent.children[at] !== row) parent.insertBefore(row, parent.children[at] ?? null);
  });
}
