import type { Page } from '../../../../packages/client/src/index.js'
import { forEachConcurrently } from '../../concurrency'
import type { Inputs, Owner } from '../../types'
import { existingQuery } from './documents'

/** Number of calculations per page, which is the maximum that the server allows. */
const pageSize = 100
/** Maximum number of existing calculations that are read per owner, and in total. */
export const maxOfOwner = 500
export const maxInTotal = 20_000

export interface Existing {
  /** Session ids of existing calculations, keyed by `comparisonOf`. */
  sessions: ReadonlyMap<string, string>
  /** Whether all of an owner's existing calculations have been read, keyed by `ownerKey`. */
  owners: ReadonlyMap<string, boolean>
}

export const ownerKey = ({ mentorId, organisationId }: Owner): string => JSON.stringify([mentorId, organisationId])

/** Inputs that are compared. The comparison ignores the value source and the note. */
type ComparedInputs = { [Name in Exclude<keyof Inputs, 'valueSource' | 'note'>]?: Partial<Inputs[Name]> | undefined }

/** Returns a key that is the same for all calculations with the same owner, period, label and numbers. */
export function comparisonOf({ mentorId, organisationId }: Owner, inputs: ComparedInputs): string {
  const { label, currency, period, sessions, avgMinutes, costPerSession, costPerHour, costPerHourRange } = inputs
  const texts = [mentorId, organisationId, label?.trim(), currency, period?.from, period?.to]
  const numbers = [sessions, avgMinutes, costPerSession, costPerHour, costPerHourRange?.low, costPerHourRange?.high]
  return JSON.stringify([...texts, ...numbers])
}

interface ExistingData {
  sessions: Page<{ id: string; result: { inputs: ComparedInputs } | null }>
}

export type SendExistingQuery = (query: string, variables: object) => Promise<unknown>

/**
 * Reads the owners' existing calculations, latest first, up to the limits. Stops early after a failed request, or if
 * `isWanted` returns false.
 */
export async function readExisting(
  owners: Iterable<Owner>,
  send: SendExistingQuery,
  isWanted: () => boolean,
): Promise<Existing> {
  const sessions = new Map<string, string>()
  const complete = new Map<string, boolean>()
  let total = 0
  let failed = false

  /** Reads the owner's calculations, and resolves to whether all of them were read. */
  const readAll = async (owner: Owner): Promise<boolean> => {
    const { mentorId, organisationId } = owner
    const organisation = organisationId === null ? { withoutOrganisation: true } : { organisationId }
    const filter = { mentorId, ...organisation, state: 'LOADED' }
    let after: string | null = null
    for (let read = 0; read < maxOfOwner && total < maxInTotal && !failed; read += pageSize) {
      total += pageSize
      const variables: object = { filter, first: pageSize, after }
      const { sessions: page } = (await send(existingQuery, variables)) as ExistingData
      total += page.nodes.length - pageSize
      for (const { id, result } of page.nodes) {
        if (result) sessions.set(comparisonOf(owner, result.inputs), id)
      }
      if (!page.pageInfo.hasNextPage) return true
      after = page.pageInfo.endCursor
    }
    return false
  }

  await forEachConcurrently(owners, isWanted, async owner => {
    try {
      complete.set(ownerKey(owner), await readAll(owner))
    } catch {
      failed = true
      complete.set(ownerKey(owner), false)
    }
  })
  return { sessions, owners: complete }
}
