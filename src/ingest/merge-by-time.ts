/** Merges sequences by time. Each keeps its own order; of equal times the earlier sequence comes first. */
export async function* mergeByTime<T extends { readonly time: number }>(
  sources: readonly AsyncGenerator<T>[],
): AsyncGenerator<T> {
  const heads: { source: AsyncGenerator<T>; value: T }[] = [];
  for (const source of sources) {
    const { value, done } = await source.next();
    if (!done) heads.push({ source, value });
  }
  try {
    while (heads.length > 0) {
      const least = heads.reduce((best, head) => (head.value.time < best.value.time ? head : best));
      yield least.value;
      const { value, done } = await least.source.next();
      if (done) heads.splice(heads.indexOf(least), 1);
      else least.value = value;
    }
  } finally {
    for (const { source } of heads) await source.return(undefined);
  }
}
