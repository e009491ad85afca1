/** Grafana's classic dashboard schema, which all versions read, as far as it is used here. */

export const datasource = { type: 'influxdb', uid: 'redtide-influx' } as const;

export interface Panel {
  readonly type: 'timeseries' | 'stat' | 'table' | 'geomap' | 'state-timeline' | 'barchart';
  readonly title: string;
  readonly description?: string;
  /** Of a grid of 24 columns. */
  readonly width: number;
  readonly height: number;
  /** As Grafana names units; `short` where there is none. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** More of the field configuration, by name of the series. */
  readonly fields?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly thresholds?: readonly (readonly [from: number | null, colour: string])[];
  readonly mappings?: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly unknown[];
}

export interface Query {
  readonly influxql: string;
  readonly alias?: string;
  readonly format?: 'time_series' | 'table';
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly influxql: string;
  readonly multi: boolean;
}

export interface Annotation {
  readonly name: string;
  readonly influxql: string;
  readonly colour: string;
  readonly text: string;
  readonly tags: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];
  readonly rows: readonly (readonly Panel[])[];
  readonly from?: string;
}

/** Truth blue, forecast orange, as on the page and in the study. */
export const colours = { truth: '#2b6cb0', forecast: '#dd6b20', good: 'green', doubt: 'orange', bad: 'red' };

/** The JSON that Grafana reads; the same input gives the same text. */
export function written(dashboard: Dashboard): string {
  const { uid, title, description, variables, annotations, rows, from = 'now-7d' } = dashboard;
  return `${JSON.stringify(
    {
      uid,
      title,
      description,
      tags: ['redtide'],
      schemaVersion: 39,
      version: 1,
      editable: false,
      timezone: 'utc',
      refresh: '30s',
      time: { from, to: 'now+3d' },
      graphTooltip: 1,
      links: [
        {
          title: 'Redtide',
          type: 'dashboards',
          tags: ['redtide'],
          asDropdown: true,
          keepTime: true,
          includeVars: true,
        },
      ],
      templating: { list: variables.map(variableJson) },
      annotations: { list: annotations.map(annotationJson) },
      panels: placed(rows),
    },
    null,
    2,
  )}\n`;
}

function variableJson({ name, label, influxql, multi }: Variable) {
  return {
    name,
    label,
    type: 'query',
    datasource,
    query: influxql,
    definition: influxql,
    // 2: anew at each change of the time range.
    refresh: 2,
    sort: 1,
    multi,
    includeAll: multi,
    ...(multi && { current: { text: ['All'], value: ['$__all'] } }),
  };
}

function annotationJson({ name, influxql, colour, text, tags }: Annotation) {
  return {
    name,
    datasource,
    enable: true,
    iconColor: colour,
    query: influxql,
    target: { query: influxql, refId: 'Anno' },
    textColumn: text,
    tagsColumn: tags,
  };
}

/** Left to right in each row, and row under row. */
function placed(rows: readonly (readonly Panel[])[]) {
  let id = 0;
  let y = 0;
  return rows.flatMap((row) => {
    let x = 0;
    const top = y;
    y += Math.max(...row.map(({ height }) => height));
    return row.map((panel) => {
      const { width: w, height: h } = panel;
      const gridPos = { x, y: top, w, h };
      x += w;
      return panelJson(panel, ++id, gridPos);
    });
  });
}

function panelJson(panel: Panel, id: number, gridPos: object) {
  const { type, title, description, unit, queries, fields = {}, custom, thresholds, mappings } = panel;
  return {
    id,
    type,
    title,
    ...(description !== undefined && { description }),
    datasource,
    gridPos,
    targets: queries.map(targetJson),
    fieldConfig: {
      defaults: {
        unit,
        ...(custom && { custom }),
        ...(mappings && { mappings }),
        ...(thresholds && {
          thresholds: { mode: 'absolute', steps: thresholds.map(([value, color]) => ({ value, color })) },
        }),
      },
      overrides: Object.entries(fields).map(([name, properties]) => ({
        matcher: { id: 'byRegexp', options: name },
        properties: Object.entries(properties).map(([property, value]) => ({ id: property, value })),
      })),
    },
    options: panel.options ?? {},
    ...(panel.transformations && { transformations: panel.transformations }),
  };
}

function targetJson({ influxql, alias, format = 'time_series' }: Query, at: number) {
  const refId = String.fromCharCode(65 + at);
  return {
    refId,
    datasource,
    rawQuery: true,
    query: influxql,
    resultFormat: format,
    ...(alias && { alias }),
  };
}
