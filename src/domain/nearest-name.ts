/** Maximum length in characters. A comparison takes time proportional to the product of both lengths. */
const comparedCharacters = 64

/** Normalises the case and separators of a name, so that `mentorId` equals `mentor_id`. */
const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/**
 * Returns the known name that was most likely meant: a name that begins with the misspelled name, or the name with the
 * smallest edit distance from it. Returns undefined if no known name is close enough.
 */
export function nearestName(misspelled: string, known: string[]): string | undefined {
  if (misspelled.length > comparedCharacters) return undefined
  const name = bare(misspelled)
  const begun = known.find(other => name.length >= 3 && bare(other).startsWith(name))
  if (begun !== undefined) return begun
  const most = Math.ceil(0.4 * name.length)
  const ranked = known
    .map(other => ({ other, edits: editsBetween(name, bare(other)) }))
    .sort((a, b) => a.edits - b.edits)
  const [nearest] = ranked
  return nearest && nearest.edits <= most ? nearest.other : undefined
}

/** Returns the Levenshtein distance: the minimum number of characters to insert, delete or replace. */
export function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, character] of [...a].entries()) {
    const row = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (above[j] as number) + (b[j] === character ? 0 : 1)
      row.push(Math.min(replaced, (above[j + 1] as number) + 1, (row[j] as number) + 1))
    }
    above = row
  }
  return above[b.length] as number
}
