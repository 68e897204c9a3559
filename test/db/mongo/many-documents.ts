import type { Document } from 'mongodb'
import { sortFieldsDocument } from '../../../src/db/mongo/indexes'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { newResult, type Result } from '../../../src/domain/session'
import { calculate } from '../../../src/domain/time-value'
import { inputsOf } from '../../support/inputs'
import { noon, secondsAfter } from '../../support/sessions'

export const size = 20_000

export const age = (i: number) => secondsAfter(noon, Math.floor(i / 3))

/** Adds many sessions without transitions. */
export async function addManyDocuments({ db }: MongoStore, count = size): Promise<void> {
  const sessions = db.collection<{ _id: string }>('sessions')
  for (let first = 0; first < count; first += 10_000) {
    const documents = Array.from({ length: Math.min(count, 10_000) }, (_, n) => document(first + n))
    await sessions.insertMany(documents, { ordered: false, writeConcern: { w: 'majority' } })
  }
}

const states = ['initial', 'loaded', 'loaded', 'error'] as const

const document = (i: number) => ({
  _id: `session_${i}`,
  mentor_id: `mentor_${i % 97}`,
  organisation_id: i % 7 === 0 ? null : `organisation_${i % 11}`,
  external_id: `external_${Math.floor(i / 2)}`,
  state: states[i % 4],
  last_event: null,
  result_id: null,
  created_at: new Date(age(i)),
  updated_at: new Date(age(i)),
  version: 1,
  transitions: [],
  results: [],
  shares: linksOf(i),
  sort: sortFieldsDocument({ result: i % 4 === 0 || i % 3 === 0 ? null : resultOf(i) }),
  commit: {
    version: 1,
    ...(i % 20 === 1 && { after: ofMonth('2026-02') }),
    ...(i % 20 === 5 && { after: ofMonth('2026-03') }),
  },
})

function resultOf(i: number): Result {
  const inputs = { ...inputsOf(i), label: `label ${i % 50}`, ...(i % 5 !== 0 && { currency: 'GBP' }) }
  return newResult(inputs, calculate(inputs), 'result', noon)
}

/** A thousandth of all sessions has a live link, and another one a link that has expired. */
const linksOf = (i: number): object[] => {
  const link = { token: `token_${i}`, result_id: 'result', days: 30, revoked: false }
  if (i % 1_000 === 1) return [{ ...link, expires_at: new Date(secondsAfter(noon, 60)) }]
  return i % 1_000 === 2 ? [{ ...link, expires_at: new Date(secondsAfter(noon, -60)) }] : []
}

/** A twentieth of all sessions is of each of two months. */
const ofMonth = (month: string) => ({ s: 'l', r: [null, month, 1, 100, 100, 100], c: [] })

type Done = Document & { stages: string[] }

/** Returns the server's profile of each query that `ask` makes. */
export async function queryProfiles({ db }: MongoStore, ask: () => Promise<unknown>): Promise<Done[]> {
  await db.command({ profile: 2 })
  try {
    await ask()
  } finally {
    await db.command({ profile: 0 })
  }
  const profile = db.collection('system.profile')
  const done = await profile.find({ ns: `${db.databaseName}.sessions` }).toArray()
  await profile.drop()
  return done.map(query => ({ ...query, stages: stagesOf(query.execStats) }))
}

/** The same for the single query that `ask` makes. */
export async function queryProfile(store: MongoStore, ask: () => Promise<unknown>): Promise<Done> {
  const [done, ...others] = await queryProfiles(store, ask)
  expect(others).toEqual([])
  return done as Done
}

const stagesOf = (stage: Document | undefined): string[] =>
  stage ? [stage.stage, ...[stage.inputStage, ...(stage.inputStages ?? [])].flatMap(stagesOf)] : []
