/** Maximum number of items in progress. */
export const mostAtOnce = 4

/**
 * Takes the items in turn, at most `mostAtOnce` at a time, until all are taken or no more are wanted. Awaits those in
 * progress.
 */
export async function inTurns<T>(items: Iterable<T>, wanted: () => boolean, take: (item: T) => Promise<void>) {
  const turns = items[Symbol.iterator]()
  const work = async (): Promise<void> => {
    while (wanted()) {
      const turn = turns.next()
      if (turn.done) return
      await take(turn.value)
    }
  }
  await Promise.all(Array.from({ length: mostAtOnce }, work))
}
