import type { AlertFacts, EvidenceFacts, Phrases } from './phrases.ts';
import { placeName } from './phrases-en.ts';
import type { TrackRecord } from './track-record.ts';
import { amount } from './wording.ts';

/** Chinese, in simplified characters. What the rules file says in its own words is left as it stands. */

const marks = { actual: '', exercise: '【演习,非真实事件】', test: '【测试,非真实事件】' } as const;
const hazards: Readonly<Record<string, string>> = {
  bloom: '藻华(赤潮)条件',
  hypoxia: '低氧',
  'no-data': '无数据',
  'no-forecast': '无预报',
};
const severities = {
  info: '提示',
  minor: '一般',
  moderate: '较重',
  severe: '严重',
  extreme: '特别严重',
} as const;
const variables: Readonly<Record<string, string>> = {
  chlorophyll: '叶绿素 a',
  dissolvedOxygen: '溶解氧',
  waterTemperature: '水温',
  salinity: '盐度',
  airTemperature: '气温',
  dataAge: '最新数据距今',
  forecastAge: '最新预报距今',
};

const hazardOf = ({ what: { hazard = '', text } }: AlertFacts) => hazards[hazard] ?? text;
const nameOf = ({ variable, title }: EvidenceFacts) => variables[variable] ?? title ?? variable;

function headline(facts: AlertFacts): string {
  const { mode, state, cause, where, evidence } = facts;
  const kind = `${{ forecast: '预报', observed: '观测到', watch: '' }[evidence.on]}${hazardOf(facts)}`;
  const said = {
    firing: `${kind}`,
    acknowledged: `已确认收到:${kind}`,
    stale: `情况不明(并非解除):${kind}`,
    resolved: `已解除:${kind}`,
    inactive: `已撤回:${kind}`,
    pending: `可能${kind}`,
  }[state];
  const again = state === 'firing' && (cause === 'repeat' || cause === 'escalation') ? '尚未确认:' : '';
  return `${marks[mode]}${again}${placeName(where)} ${said}`;
}

function where({ where }: AlertFacts): string {
  const { latitude, longitude, stations, station, name } = where;
  const at =
    latitude === undefined || longitude === undefined ? '' : `(北纬 ${latitude}°,东经 ${longitude}°)`;
  const others = stations.filter((one) => one !== station);
  const own = name ? `${name} (${station})` : station;
  const area = placeName(where) === own ? '' : `${placeName(where)}:`;
  return `${area}${own}${at}。${others.length > 0 ? `另涉及:${others.join('、')}。` : ''}`;
}

const value = ({ value, unit, atLeast }: EvidenceFacts) => `${atLeast ? '至少 ' : ''}${amount(value, unit)}`;

function what(facts: AlertFacts): string {
  const { evidence, severity, author, note, state } = facts;
  const { level, direction, unit, on } = evidence;
  if (on === 'watch')
    return `${nameOf(evidence)} ${value(evidence)}。级别:${severities[severity]}。${author ? `操作人:${author}${note ? `,${note}` : ''}。` : ''}`;
  const side = state === 'resolved' ? '已回到解除界限之内' : direction === 'below' ? '低于' : '高于';
  const limit =
    level === undefined ? '' : state === 'resolved' ? `,${side}` : `,${side} ${amount(level, unit)}`;
  const by = author ? `操作人:${author}${note ? `,${note}` : ''}。` : '';
  return `${nameOf(evidence)}${on === 'forecast' ? '预报值' : '观测值'} ${value(evidence)}${limit}。级别:${severities[severity]}。${by}`;
}

function howSure({ evidence, state }: AlertFacts): string {
  const { on, horizon = 0, probability, interval, unit, flag, atLeast } = evidence;
  if (state === 'stale') return '完全不确定:没有新的数据。这不表示险情已经解除。';
  if (on === 'watch')
    return state === 'resolved' ? '确定:数据已恢复。' : '可以确定没有收到数据;水况不明,这不表示没有险情。';
  if (on === 'observed')
    return `实测:一个传感器一个时段的平均值。${flag === 3 ? '质量可疑:真实藻华与传感器污损都可能如此。' : ''}${atLeast ? '已达传感器量程上限,真值可能更高。' : ''}`;
  const between = interval
    ? `有 ${percent(interval.coverage)} 的把握介于 ${amount(interval.low, unit)} 与 ${amount(interval.high, unit)} 之间。`
    : '';
  const chance =
    probability === undefined ? '模型未给出概率。' : `越过界限的概率为 ${percent(probability)}。`;
  return `预报,提前 ${horizon} 步。${chance}${between}`;
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

function when({ when, evidence }: AlertFacts): string {
  const held = {
    forecast: `预报时段始于 ${evidence.time}`,
    observed: `观测时段始于 ${evidence.time}`,
    watch: `最新数据时间 ${evidence.time}`,
  }[evidence.on];
  return `始于 ${when.onset};本次变化 ${when.changed}。${held}。时间均为世界时。`;
}

function evidence({ evidence, more }: AlertFacts): string {
  return [evidence, ...more]
    .map((one) => {
      if (one.on === 'watch') return `${one.station} ${nameOf(one)} ${value(one)}。`;
      const issued = one.on === 'forecast' ? `(${one.issuedAt} 发布)` : '';
      const deep = one.depth === undefined ? '' : `(水深 ${one.depth} m)`;
      return `${one.station} ${nameOf(one)}${deep} ${one.time}${issued}:${value(one)}。`;
    })
    .join('');
}

function model({ evidence, record }: AlertFacts): string {
  if (evidence.on === 'observed') return '无:此为实测。';
  if (evidence.on === 'watch') return '无:这里说的是没有收到的数据。';
  const kind = evidence.network ? `(${evidence.network})` : '';
  return `${evidence.model ?? '未知'}${kind}。${record ? recordText(record, evidence.unit) : '该站近期表现未知。'}`;
}

function recordText(
  { days, forecasts, error, persistence, inside, coverage }: TrackRecord,
  unit?: string,
): string {
  const than = persistence === undefined ? '' : `,持续性预报误差 ${amount(persistence, unit)}`;
  const share =
    inside === undefined || coverage === undefined
      ? ''
      : `实况落入区间的比例 ${percent(inside)}(应为 ${percent(coverage)})。`;
  return `该站最近 ${days} 天同时效 ${forecasts} 次预报,平均绝对误差 ${amount(error, unit)}${than}。${share}`;
}

const advice: Readonly<Record<string, string>> = {
  bloom: '采集水样镜检,确认藻种后再采取针对性措施;注意溶解氧,尤其是黎明前。',
  hypoxia: '测量养殖水层的溶解氧;准备增氧,停止投饵,非必要不移动鱼群。',
  'no-data': '检查浮标、网关与通信链路,或人工测量:该站无法发出警报。',
  'no-forecast': '查看实测数据:恢复预报之前,该站无法提前预警。',
};

function toDo({ mode, state, cause, author, evidence, what: { action, hazard = '' } }: AlertFacts): string {
  if (mode === 'test') return '无:这是测试。';
  if (state === 'resolved' && evidence.on === 'watch') return '无须再采取措施。';
  if (state === 'resolved')
    return `无须再为本警报采取措施;${cause === 'command' ? `${author ?? '值班人员'}已将其结束` : '新的实测数据已使其解除'}。`;
  if (state === 'inactive') return '无:发出它的规则已不再适用。';
  if (state === 'stale') return '保持防范。检查站点及其通信,或人工测量。';
  return advice[hazard] ?? action ?? '人工测量,并据此决定。';
}

const blindSpots: Readonly<Record<string, string>> = {
  chlorophyll: '藻种及其是否有害:叶绿素不能区分藻种,有些藻华并不显示。',
  dissolvedOxygen: '低氧的原因,以及其他水层的情况。',
  dataAge: '该站的水况:没有数据的站点不会发出警报。',
  forecastAge: '未来的情况:该站只有实测数据才能触发警报。',
};

function notKnown({ evidence: { variable } }: AlertFacts): string[] {
  const own = blindSpots[variable];
  return [...(own ? [own] : []), '站点以外的情况:浮标只测量一处。'];
}

export const chinese: Phrases = {
  headline,
  where,
  what,
  howSure,
  when,
  evidence,
  model,
  toDo,
  notKnown,
  space: '',
  titles: {
    because: '通知原因',
    where: '地点',
    what: '情况',
    howSure: '把握程度',
    when: '时间',
    evidence: '依据',
    model: '模型',
    toDo: '应对措施',
    notKnown: '未知事项',
  },
};
