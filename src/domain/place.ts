/** A place in an order: the one of a session with this key and id. Those without a key stand behind all that have one. */
export interface Place {
  key: string | number | null
  session_id: string
}

/** Compares places of an order, ties by id. Descending turns both round, and leaves those without a key behind. */
export function comparePlaces({ descending }: { descending: boolean }): (a: Place, b: Place) => number {
  const sign = descending ? -1 : 1
  return (a, b) => {
    if ((a.key === null) !== (b.key === null)) return a.key === null ? 1 : -1
    const byKey = typeof a.key === 'number' ? a.key - Number(b.key) : compareTexts(a.key ?? '', String(b.key ?? ''))
    return sign * (byKey || compareTexts(a.session_id, b.session_id))
  }
}

/** By code points, as stores compare them: their UTF-8, byte by byte. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (unit !== other) return rank(unit) - rank(other)
  }
  return a.length - b.length
}

/** Halves of code points past U+FFFF come behind all code units that are whole ones. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)
