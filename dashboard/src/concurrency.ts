export const maxConcurrent = 4

/**
 * Starts processing the items in order, at most `maxConcurrent` at a time, until none is left or `wanted` returns
 * false. Resolves when all items that were started have been processed.
 */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  wanted: () => boolean,
  run: (item: T) => Promise<void>,
) {
  const iterator = items[Symbol.iterator]()
  const work = async (): Promise<void> => {
    while (wanted()) {
      const next = iterator.next()
      if (next.done) return
      await run(next.value)
    }
  }
  await Promise.all(Array.from({ length: maxConcurrent }, work))
}
