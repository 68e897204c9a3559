/** How many are taken at once. */
export const mostAtOnce = 4

/** Takes one after the other, at most so many at once, until all were taken or no more are wanted; those begun are waited for. */
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
