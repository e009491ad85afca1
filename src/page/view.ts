import type { Status } from '../dashboard/status.ts';

/** One page of the page. */
export interface View {
  readonly root: HTMLElement;
  title(status: Status): string;
  /** Called with each change of the status. */
  update(status: Status): void;
  /** Called when the reader goes elsewhere. */
  close?(): void;
}
