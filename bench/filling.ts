import { randomBytes } from 'node:crypto'
import type { Store, Write } from '../src/db/store'
import { decide, parseCommand, start, startSchema } from '../src/domain/decide'
import { valid } from '../src/domain/errors'
import { type Command, contributionOf, evolve, type Session } from '../src/domain/session'
import { calculate } from '../src/domain/time-value'
import { addMs, dayMs, hourMs, minuteMs, type Timestamp, timestamp } from '../src/domain/timestamp'
import { monthsUpTo } from '../test/support/filters'
import { randomFrom } from '../test/support/random'
import { calculation } from './paths'

/**
 * Period over which sessions are spread. It is within the log's retention of an embedded store, so each session's
 * commits are still in the log.
 */
const spreadMs = 6 * dayMs
const mentorsAThousand = 50
const organisations = 20
const calculated = 0.5
const shared = 0.2
/** Share of calculations with a currency, and share with a period in a month of the last two years. */
const inCurrency = 0.3
const ofMonth = 0.5
const currencies = ['GBP', 'EUR', 'JPY']
const months = 24

/** Number of histories that are written concurrently. */
const atOnce = 8_000

export interface Filled {
  session_id: string
  mentor_id: string
  organisation_id: string
  state: Session['state']
  version: number
  label: string | undefined
}

/** Applies a command to a session, one minute after its last change. */
function changed(session: Session, command: Command): Write {
  const changes = decide(session, command, {
    now: addMs(session.updated_at, minuteMs),
    calculate,
    newResultId: () => `calc_${randomBytes(4).toString('hex')}`,
    newToken: () => randomBytes(24).toString('base64url'),
  })
  return { session: changes.reduce(evolve, session), changes, before: contributionOf(session) }
}

/** Returns the nth calculation, made at the given time. */
function calculationOf(n: number, at: Timestamp, random: () => number, label?: string): Command {
  const { event, payload } = calculation(1 + (n % 900))
  const month = monthsUpTo(at, months)[Math.floor(random() * months)]
  const stated = {
    ...(label && { label }),
    ...(random() < inCurrency && { currency: currencies[n % currencies.length] }),
    ...(random() < ofMonth && { period: { from: `${month}-01`, to: `${month}-28` } }),
  }
  return parseCommand({ event, payload: { ...payload, ...stated } })
}

/** Returns an id in the server's format. Different numbers give different ids. */
const idOf = (n: number): string => `session_${(Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}`

/** Returns the writes of one session. Half of them have a calculation, and some of those also a share link. */
function history(
  n: number,
  mentors: number,
  created_at: Timestamp,
  random: () => number,
  label?: string,
): [Write, ...Write[]] {
  const mentor = Math.floor(random() * mentors)
  const who = { mentor_id: `mentor_${mentor}`, organisation_id: `organisation_${mentor % organisations}` }
  const started = { ...start(valid(startSchema, who), idOf(n), created_at), before: null }
  if (random() >= calculated) return [started]
  const loaded = changed(started.session, calculationOf(n, created_at, random, label))
  if (random() >= shared) return [started, loaded]
  return [started, loaded, changed(loaded.session, { event: 'ShareRequested' })]
}

/**
 * Fills an empty store with sessions through its own writes. Resolves with the sessions, oldest first. `labelOf` returns
 * the label of the nth session's calculation.
 */
export async function fill(store: Store, count: number, labelOf?: (n: number) => string): Promise<Filled[]> {
  const random = randomFrom(count)
  const mentors = Math.ceil((count * mentorsAThousand) / 1_000)
  const end = Date.now() - hourMs
  const filled: Filled[] = []
  function* histories(): Generator<[Write, ...Write[]]> {
    for (let n = 0; n < count; n++) {
      const created_at = timestamp(new Date(end - Math.floor(((count - n) * spreadMs) / count)))
      const writes = history(n, mentors, created_at, random, labelOf?.(n))
      const { session } = writes.at(-1) as Write
      filled.push({
        session_id: session.session_id,
        mentor_id: session.mentor_id,
        organisation_id: String(session.organisation_id),
        state: session.state,
        version: session.version,
        label: session.result?.inputs.label,
      })
      yield writes
    }
  }
  const all = histories()
  const write = async (): Promise<void> => {
    for (const [first, ...others] of all) {
      let made = await store.sessions.add(first)
      for (const write of others)
        made &&= await store.sessions.save(write, write.session.version - write.changes.length)
      if (!made) throw new Error(`${first.session.session_id} was not written`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, write))
  return filled
}
