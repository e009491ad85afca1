/** Results in the order of the items, at most so many under way at once. */
export async function inThreads<A, B>(
  items: readonly A[],
  threads: number,
  work: (item: A) => Promise<B>,
): Promise<B[]> {
  const results: B[] = new Array(items.length);
  let next = 0;
  const serve = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, items.length) }, serve));
  return results;
}
