import { Socket } from 'node:net'
import { type Followed, follow } from '../support/follow'
import { restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { transportNames } from '../support/transports'

const behind = 150
/** Upper bound that covers connecting and subscribing on both sides, and the few writes that carry the transitions. */
const writesAtMost = 10

const server = serving(embeddedDatabase)

afterEach(() => jest.restoreAllMocks())

/** Counts the writes to network sockets in this process, by server and client together. */
function countingWrites(): () => number {
  const spies = (['_write', '_writev'] as const).map(name => jest.spyOn(Socket.prototype, name))
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)
}

test.each(transportNames.filter(name => name !== 'polling'))(
  'over %s, a reader that is 150 transitions behind gets them in a few writes',
  async transport => {
    const first: Followed = follow(server.url, transport)
    const [ready] = await first.received(1)
    const { start } = restApi(server)
    for (let i = 0; i < behind; i++) await start({ mentor_id: 'mentor' })
    const told = await first.received(1 + behind)
    first.connection.cut()

    const writes = countingWrites()
    const late = follow(server.url, transport, ready?.kind === 'ready' ? ready.cursor : '')
    const toldLate = await late.received(1 + behind)
    late.connection.cut()
    expect(toldLate).toEqual(told)
    expect(writes()).toBeLessThanOrEqual(writesAtMost)
  },
)
