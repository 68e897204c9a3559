import { client } from '../../graphql/client'
import { announce } from '../../store'
import type { Owner } from '../../types'
import { ownerKey, readExisting } from './existing'
import { checkRow, importState, isDone, isStored, matchOf, update } from './state'
import { importWords } from './words'

/** Maximum number of attempts per request. If all attempts fail, the request's rows are considered not compared. */
const maxAttempts = 2

let latest = Promise.resolve()

/**
 * Finds rows that match existing calculations. First reads those existing calculations of the mentors that have not
 * been read yet. Does nothing while an import or undo is running. Stops if the user replaces or discards the rows in
 * the meantime.
 */
export function compareRows(): Promise<void> {
  const { generation } = importState.value
  const isWanted = (): boolean => importState.value.generation === generation
  latest = latest.then(() => compare(isWanted))
  return latest
}

async function compare(isWanted: () => boolean): Promise<void> {
  const { rows, existing, run } = importState.value
  if (run || !isWanted()) return
  const owners = new Map<string, Owner>()
  for (const row of rows) {
    const { mentorId, organisationId, faults } = checkRow(row)
    const key = ownerKey({ mentorId, organisationId })
    if (isStored(row) || faults.mentorId || faults.organisationId || existing.owners.has(key)) continue
    owners.set(key, { mentorId, organisationId })
  }
  if (owners.size === 0) return
  update({ isComparing: true })
  const read = await readExisting(
    owners.values(),
    (query, variables) => client.request(query, variables, { maxAttempts }),
    isWanted,
  )
  if (!isWanted()) return
  // Do not treat calculations that this import created as existing.
  const own = new Set(importState.value.rows.filter(isDone).map(({ session }) => session))
  const others = [...read.sessions].filter(([, session]) => !own.has(session))
  update({
    isComparing: false,
    existing: {
      sessions: new Map([...existing.sessions, ...others]),
      owners: new Map([...existing.owners, ...read.owners]),
    },
    revision: importState.value.revision + 1,
  })
  const matches = importState.value.rows.filter(row => matchOf(row) !== null).length
  if (matches > 0) announce(importWords.existingRows(matches))
}
