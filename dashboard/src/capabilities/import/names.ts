import type { Capability } from '../../capability'
import { forEachConcurrently } from '../../concurrency'
import { caller } from '../../sign-in/caller'
import { nameKey } from '../../views/owner-fields'
import { isEditable, type Row, withText } from './rows'
import { checkRow, importState, isPending, type KnownNames, replaceRows, update } from './state'

/**
 * Maximum number of mentors, and of organisations, that are looked up. Names that occur in the most rows are looked up
 * first.
 */
export const maxNames = 200

const nameColumns = { mentorId: 'mentor', organisationId: 'organisation' } as const
export type NameColumn = keyof typeof nameColumns

const knownKey = (column: NameColumn, key: string): string => `${column} ${key}`

/** A name that occurs in the rows, and a preferred spelling that probably refers to the same mentor or organisation. */
export interface Spelling {
  column: NameColumn
  name: string
  rows: number
  /** The spelling of an existing name or, if there is none, the most frequent spelling in the rows. */
  better: string
  isKnown: boolean
}

/** Counts the rows per name. Names that differ only in spelling have the same key. */
function namesIn(rows: readonly Row[], column: NameColumn): Map<string, Map<string, number>> {
  const byKey = new Map<string, Map<string, number>>()
  for (const row of rows) {
    const name = checkRow(row)[column]
    if (!name || !isPending(row)) continue
    const key = nameKey(name)
    const counts = byKey.get(key) ?? new Map<string, number>()
    byKey.set(key, counts.set(name, (counts.get(name) ?? 0) + 1))
  }
  return byKey
}

/**
 * Returns the names that differ from an existing name, or from a more frequent name in the rows, only in case, accents,
 * apostrophes and spaces.
 */
export function findSpellings(rows: readonly Row[], known: KnownNames): Spelling[] {
  return (Object.keys(nameColumns) as NameColumn[]).flatMap(column =>
    [...namesIn(rows, column)].flatMap(([key, counts]) => {
      const existing = known.get(knownKey(column, key)) ?? []
      const [existingName] = existing
      const better = existingName ?? bestOf(counts)
      const isKnown = existingName !== undefined
      return [...counts].flatMap(([name, rows]): Spelling | Spelling[] =>
        name === better || existing.includes(name) ? [] : { column, name, rows, better, isKnown },
      )
    }),
  )
}

/**
 * Returns the most frequent name. If several names are equally frequent, prefers names with capital letters and without
 * double spaces.
 */
function bestOf(counts: ReadonlyMap<string, number>): string {
  const care = (name: string): number => Number(/\p{Lu}\p{Ll}/u.test(name)) - Number(/\s\s/u.test(name))
  const [[best = ''] = []] = [...counts].toSorted(
    ([a, rowsOfA], [b, rowsOfB]) => rowsOfB - rowsOfA || care(b) - care(a),
  )
  return best
}

type SuggestNames = NonNullable<Capability['suggestNames']>

/** Finds existing names that are other spellings of names in the rows. Stops after a failed request. */
export async function readKnownNames(suggestNames: SuggestNames): Promise<void> {
  const { generation, rows } = importState.value
  const { mentorId, organisationId } = caller.value
  const isWanted = (): boolean => importState.value.generation === generation
  const known = new Map(importState.value.knownNames)
  for (const [column, own] of [
    ['mentorId', mentorId],
    ['organisationId', organisationId],
  ] as const)
    if (own !== null) known.set(knownKey(column, nameKey(own)), [own])
  const sought = (Object.keys(nameColumns) as NameColumn[]).flatMap(column =>
    [...namesIn(rows, column)]
      .filter(([key]) => !known.has(knownKey(column, key)))
      .map(([key, counts]) => ({ column, key, text: bestOf(counts), rows: Math.max(...counts.values()) }))
      .toSorted((a, b) => b.rows - a.rows)
      .slice(0, maxNames),
  )
  let failed = false
  await forEachConcurrently(
    sought,
    () => isWanted() && !failed,
    async ({ column, key, text }) => {
      try {
        const names = await suggestNames(nameColumns[column], text)
        known.set(
          knownKey(column, key),
          names.filter(name => nameKey(name) === key),
        )
      } catch {
        failed = true
      }
    },
  )
  if (isWanted()) update({ knownNames: known, revision: importState.value.revision + 1 })
}

/** Replaces names in the rows with their preferred spellings. */
export function applySpellings(spellings: readonly Spelling[]): void {
  const better = new Map(spellings.map(({ column, name, better }) => [JSON.stringify([column, name]), better]))
  const changed = importState.value.rows.filter(isEditable).flatMap(row => {
    let to = row
    for (const column of Object.keys(nameColumns) as NameColumn[]) {
      const name = better.get(JSON.stringify([column, row.texts[column]]))
      if (name !== undefined) to = { ...withText(to, column, name), isAside: row.isAside }
    }
    return to === row ? [] : to
  })
  replaceRows(changed)
  update({ revision: importState.value.revision + 1 })
}
