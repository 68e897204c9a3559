import { eventsUntil } from '../support/event-stream'
import { follow } from '../support/follow'
import { restDoor } from '../support/interfaces'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase, mongoAvailable, mongoDatabase, overStores } from '../support/stores'
import { feedPath, type TransportName, transportNames } from '../support/transports'

const streams: TransportName[] = transportNames.filter(name => name !== 'polling')

/** A resume token starts with its time in seconds, in hexadecimal. */
const anHourOn = [
  /(?<=\.82)[0-9A-F]{8}/i,
  (seconds: string) => (Number.parseInt(seconds, 16) + 3_600).toString(16).toUpperCase(),
] as const
const aMillionOn = [/(?<=\.)\d{15}/, (row: string) => String(Number(row) + 1_000_000).padStart(15, '0')] as const

overStores(({ name, place }) => {
  const server = serving(place)
  const another = serving(place)
  const other = serving(name === 'embedded' && mongoAvailable ? mongoDatabase : embeddedDatabase)
  const { get } = client(server)
  const now = async (of = server): Promise<string> => JSON.parse((await client(of).get(feedPath)).text).next

  const foreign = [
    ['garbage', async () => 'garbage'],
    ['nothing but dots', async () => '..'],
    ['of another store of the same kind', () => now(another)],
    ['of a store of the other kind', () => now(other)],
    ['of this store with a position that is none', async () => `${server.store.identity}.abcdef.0`],
    ['with characters that end a line', async () => 'a\nb'],
    ['of the future', async () => (await now()).replace(...(name === 'mongo' ? anHourOn : aMillionOn))],
    // A store restored from a backup receives such cursors from its clients.
    ...(name === 'mongo' ? [['of an event that the log does not have', eventThatNeverWas] as const] : []),
  ] as [string, () => Promise<string>][]

  async function eventThatNeverWas(): Promise<string> {
    const after = await now()
    await restDoor(server).start({ mentor_id: 'm' })
    const { told, connection } = follow(server.url, 'graphqlWs', after)
    const [, started] = await told(2)
    connection.cut()
    const [identity, position = ''] = (started as { cursor: string }).cursor.split('.')
    // The same event, one tick earlier.
    const ticks = (Number.parseInt(position.slice(10, 18), 16) - 1).toString(16).toUpperCase().padStart(8, '0')
    return `${identity}.${position.slice(0, 10)}${ticks}${position.slice(18)}.0`
  }

  describe.each(foreign)('a cursor that is %s', (_, cursor) => {
    test.each(streams)('yields a gap with the reason unknown over %s, and then the live feed', async transport => {
      const after = await cursor()
      const { told, connection } = follow(server.url, transport, after)
      const [gap, ready] = await told(2)
      expect(gap).toEqual({ kind: 'gap', after, reason: 'unknown' })
      expect(ready).toEqual({ kind: 'ready', cursor: expect.any(String) })
      await restDoor(server).start({ mentor_id: 'm' })
      expect((await told(3))[2]).toMatchObject({ kind: 'transition', event: 'SessionStarted' })
      connection.cut()
    })

    test('is refused with 400 invalid_cursor by a plain GET', async () => {
      const { status, text } = await get(`${feedPath}?after=${encodeURIComponent(await cursor())}`)
      expect(status).toBe(400)
      expect(JSON.parse(text)).toMatchObject({ code: 'invalid_cursor', errors: [{ parameter: 'after' }] })
    })
  })

  test('a cursor that claims more transitions than its commit has loses none of the following ones', async () => {
    const after = await now()
    await restDoor(server).start({ mentor_id: 'm' })
    const { told, connection } = follow(server.url, 'graphqlWs', after.replace(/\d+$/, '9'))
    expect(await told(2)).toMatchObject([{ kind: 'ready' }, { event: 'SessionStarted' }])
    connection.cut()
  })

  test('Last-Event-ID takes precedence over `after`', async () => {
    const after = await now()
    await restDoor(server).start({ mentor_id: 'm' })
    const { events } = await eventsUntil(
      `${server.url}${feedPath}?after=garbage`,
      ({ data }) => data.includes('SessionStarted'),
      { headers: { 'Last-Event-ID': after } },
    )
    expect(events).toMatchObject([{ event: 'ready', id: after }, { data: expect.any(String) }])
  })

  test('a filter selects by mentor and organisation: live, after a resume and in pages', async () => {
    const after = await now()
    const filter = { mentor_id: 'mine', organisation_id: 'ours' }
    const live = follow(server.url, 'graphqlSse', undefined, filter)
    await live.told(1)
    for (const who of [{ mentor_id: 'mine' }, filter, { ...filter, mentor_id: 'other' }, filter]) {
      await restDoor(server).start(who)
    }
    const [, one, two] = await live.told(3)
    for (const transport of transportNames) {
      const resumed = follow(server.url, transport, after, filter)
      expect(await resumed.told(3)).toEqual([{ kind: 'ready', cursor: after }, one, two])
      resumed.connection.cut()
    }
    live.connection.cut()
  })
})
