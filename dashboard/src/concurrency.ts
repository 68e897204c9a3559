/** Maximum number of items in progress. */
export const maxConcurrent = 4

/**
 * Takes the items in turn, at most `mostAtOnce` at a time, until all are taken or no more are wanted. Awaits those in
 * progress.
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
