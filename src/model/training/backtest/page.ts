import type { Report } from './report.ts';
import type { Backtest } from './run.ts';

export function pageOf(_report: Report, _backtest: Backtest): string {
  return '';
}
