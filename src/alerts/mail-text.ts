import { escaped } from '../picture/svg.ts';
import type { AlertMessage } from './message.ts';
import type { AlertText } from './phrases.ts';

/** A way to say that the message was read, for people: an address that answers to it. */
export interface ReceiptLink {
  readonly url: string;
}

/** RFC 5322, 2.2.3: a header has no line breaks; a configuration must not be able to add headers. */
export function subjectOf({ headline, severity }: AlertMessage): string {
  return `[${severity}] ${headline}`.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

export function plainText(message: AlertMessage, receipt?: ReceiptLink): string {
  const blocks = message.texts.map(({ headline, sections }) =>
    [headline, '', ...sections.map(({ title, text }) => `${title}: ${text}`)].join('\n'),
  );
  return `${[...blocks, ...receiptLines(receipt), footer(message)].join('\n\n')}\n`;
}

const receiptLines = (receipt: ReceiptLink | undefined) =>
  receipt ? [`Please confirm that you have read this: ${receipt.url}`] : [];

/** `picture` is the content identifier of the inline image, where there is one. */
export function html(message: AlertMessage, picture: string | undefined, receipt?: ReceiptLink): string {
  const blocks = message.texts.map(htmlBlock);
  const image = picture
    ? `<p><img src="cid:${escaped(picture)}" alt="${escaped(pictureText(message))}" width="720" style="max-width:100%"></p>`
    : '<p><em>There is no picture: the store could not say what was measured.</em></p>';
  const link = receipt ? `<p><a href="${escaped(receipt.url)}">Confirm that you have read this</a></p>` : '';
  const mark = message.mode === 'actual' ? '' : banner(message.mode);
  const [language = 'en'] = message.texts.map((text) => text.language);
  return `<!doctype html><html lang="${escaped(language)}"><head><meta charset="utf-8"></head><body style="font-family:sans-serif;color:#1c2127;max-width:46em">${mark}${blocks[0] ?? ''}${image}${blocks.slice(1).join('<hr>')}${link}<p style="color:#5b6470;font-size:smaller">${escaped(footer(message))}</p></body></html>\n`;
}

const banner = (mode: string) =>
  `<p style="background:#5b2a86;color:#fff;padding:.6em"><strong>${mode.toUpperCase()}: this is not a real event.</strong></p>`;

function htmlBlock({ language, headline, sections }: AlertText): string {
  const rows = sections.map(
    ({ title, text }) => `<p><strong>${escaped(title)}</strong><br>${escaped(text)}</p>`,
  );
  return `<div lang="${escaped(language)}"><h2>${escaped(headline)}</h2>${rows.join('')}</div>`;
}

/** For those who do not see the picture. */
export function pictureText({ evidence, where }: AlertMessage): string {
  return `${evidence.title ?? evidence.variable} at ${where.name ?? where.station}: what was measured, and the forecast with its interval`;
}

function footer({ id, mode }: AlertMessage): string {
  return `Redtide, message ${id}${mode === 'actual' ? '' : `, ${mode}`}. A station that falls silent is no all-clear.`;
}
