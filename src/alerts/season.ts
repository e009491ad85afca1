const day = 86_400_000;

/** The normal at a time: a straight line between those in the middle of the months around it, UTC. */
export function normalAt(normals: readonly number[], time: number): number {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const from = time < middleOf(year, month) ? month - 1 : month;
  const [before, after] = [middleOf(year, from), middleOf(year, from + 1)];
  const share = (time - before) / (after - before);
  return of(normals, from) + share * (of(normals, from + 1) - of(normals, from));
}

const middleOf = (year: number, month: number) =>
  (Date.UTC(year, month, 1) + Date.UTC(year, month + 1, 1)) / 2;

const of = (normals: readonly number[], month: number) => normals[(month + 12) % 12]!;

/** 1 to 12, UTC. */
export const monthOf = (time: number) => new Date(Math.floor(time / day) * day).getUTCMonth() + 1;
