import { DomainError } from '../../src/domain/errors'
import type { Snapshot, Transition } from '../../src/domain/session'
import { plainCommands } from '../support/example-commands'
import { oneOf, randomFrom } from '../support/random'
import { calculation, sessionsOver } from '../support/sessions'
import { openEmbedded, openMongo } from '../support/stores'

/** A line that this process prints: of a write that was answered, or of a close that is about to be asked for. */
export type Line =
  | { did: 'changed'; session: Snapshot; transitions: Transition[] }
  | { did: 'closing' | 'closed'; session_id: string }

/** Starts, changes and closes sessions of the place that the environment names, as fast as it can, until it is killed. */
async function write(seed: number): Promise<void> {
  const { MONGODB_URI, DATA_FILE = '' } = process.env
  const store = MONGODB_URI ? await openMongo(MONGODB_URI) : openEmbedded(DATA_FILE)
  const sessions = sessionsOver(store)
  const random = randomFrom(seed)
  const pool = (await sessions.queries.list({}, { limit: 10, offset: 0 })).map(({ session_id }) => session_id)

  /** Resolves once the line is out of this process: until then it would be gone with it. */
  const print = (line: Line): Promise<void> =>
    new Promise(resolve => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()))
  const key = () => (random() < 0.3 ? { idempotency_key: `${seed} ${random()}` } : {})

  async function step(): Promise<void> {
    if (pool.length < 5 || random() < 0.05) {
      const { session, transitions } = await sessions.start({ mentor_id: `m${seed}` }, key())
      pool.push(session.session_id)
      return print({ did: 'changed', session, transitions })
    }
    const place = Math.floor(random() * pool.length)
    const session_id = pool[place] as string
    if (random() < 0.03) {
      pool.splice(place, 1)
      await print({ did: 'closing', session_id })
      await sessions.close(session_id)
      return print({ did: 'closed', session_id })
    }
    const commands = [
      ...plainCommands,
      { event: 'ReassignRequested', payload: { mentor_id: `m${seed}-${Math.floor(random() * 3)}` } },
    ]
    const body = random() < 0.6 ? calculation(Math.floor(random() * 1_000)) : oneOf(commands, random)
    const { session, transitions } = await sessions.dispatch(session_id, body, key())
    return print({ did: 'changed', session, transitions })
  }

  const expected = new Set(['event_refused', 'session_full', 'session_not_found'])
  const forever = async (): Promise<never> => {
    for (;;) {
      try {
        await step()
      } catch (error) {
        if (!(error instanceof DomainError && expected.has(error.code))) throw error
      }
    }
  }
  await Promise.all([forever(), forever(), forever(), forever(), forever(), forever()])
}

if (require.main === module) {
  write(Number(process.argv[2])).catch(error => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  })
}
