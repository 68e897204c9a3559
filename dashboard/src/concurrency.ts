export const maxConcurrent = 4

/**
 * Starts the items in order, at most `maxConcurrent` at a time, until all have started or `wanted` returns false.
 * Resolves when all started items are done.
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
