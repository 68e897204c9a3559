/** Sort key of a session, with the session id that breaks ties. Null keys sort last. */
export interface SortKey {
  key: string | number | null
  session_id: string
}

/** Orders by sort key, then by session id. Descending order reverses both, but null keys still sort last. */
export function compareSortKeys({ descending }: { descending: boolean }): (a: SortKey, b: SortKey) => number {
  const sign = descending ? -1 : 1
  return (a, b) => {
    if ((a.key === null) !== (b.key === null)) return a.key === null ? 1 : -1
    const byKey = typeof a.key === 'number' ? a.key - Number(b.key) : compareTexts(a.key ?? '', String(b.key ?? ''))
    return sign * (byKey || compareTexts(a.session_id, b.session_id))
  }
}

/** Compares texts by code points. The stores compare UTF-8 bytes, which results in the same order. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (unit !== other) return rank(unit) - rank(other)
  }
  return a.length - b.length
}

/** Ranks surrogates above all other code units, because surrogates encode code points above U+FFFF. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)
