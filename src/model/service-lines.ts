import type { Manifest, Promotion } from './artifact.ts';
import { asLineUp } from './line-up/line-up.ts';
import { lineUpSummary } from './line-up/table.ts';

/** Which network forecasts which variable, and why the version went into service: for people, a line each. */
export function serviceLines(manifest: Manifest): string[] {
  const { promotion } = manifest;
  return [...networkLines(manifest), ...(promotion ? [promotionLine(promotion)] : [])];
}

function networkLines(manifest: Manifest): string[] {
  if (manifest.network === 'line-up')
    return lineUpSummary(asLineUp({ manifest, weights: new Uint8Array() }).manifest);
  return [`${manifest.variables.map(({ name }) => name).join(', ')} by ${manifest.network}`];
}

export const promotionLine = ({ champion, reasons }: Promotion) =>
  `a contest put it in the place of ${champion ?? 'none'}: ${reasons.join('; ')}`;

/** The other candidates of that contest, with what spoke for or against each. */
export const otherLines = ({ promotion }: Manifest): string[] =>
  (promotion?.others ?? []).map(
    ({ network, promote, reasons }) =>
      `${network} ${promote ? 'passed' : 'was refused'}: ${reasons.join('; ')}`,
  );
