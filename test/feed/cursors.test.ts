import { Feed } from '../../src/feed/feed'
import { type FeedPosition, feedCursorOf, feedEntryOf, feedPositionOf } from '../../src/feed/ring'
import { eventsUntil } from '../support/event-stream'
import { follow } from '../support/follow'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { restApi } from '../support/interfaces'
import { client } from '../support/rest'
import { type Reachable, serving, startServer } from '../support/server'
import { quiet } from '../support/sessions'
import { embeddedDatabase, mongoAvailable, mongoDatabase, overStores } from '../support/stores'
import { feedPath, type TransportName, transportNames } from '../support/transports'
import { until } from '../support/until'

const streams: TransportName[] = transportNames.filter(name => name !== 'polling')

/** A resume token starts with its time in seconds, in hexadecimal. The time is moved back by an hour. */
const anHourBack = (cursor: string): string =>
  cursor.replace(/(?<=\.82)[0-9A-F]{8}/i, seconds =>
    (Number.parseInt(seconds, 16) - 3_600).toString(16).toUpperCase().padStart(8, '0'),
  )
const aRowBack = (cursor: string): string =>
  cursor.replace(/(?<=\.)\d{15}/, row => String(Number(row) - 1).padStart(15, '0'))

/** Returns another character of the same kind, so that the text still looks like a cursor. */
function otherCharacter(character: string): string {
  if (character === '.') return '-'
  if (/[0-9A-F]/.test(character)) return character === '0' ? '1' : '0'
  return character === 'a' ? 'b' : 'a'
}

/** Returns all versions of a cursor with one character altered, with its end cut off, or with parts of another cursor. */
function alteredVersions(cursor: string, other: string): string[] {
  const [identity, position, skip, signature] = cursor.split('.')
  const [, otherPosition, , otherSignature] = other.split('.')
  return [
    ...Array.from(cursor, (character, i) => cursor.slice(0, i) + otherCharacter(character) + cursor.slice(i + 1)),
    ...Array.from({ length: 30 }, (_, i) => cursor.slice(0, -1 - i)),
    anHourBack(cursor),
    aRowBack(cursor),
    `${identity}.${position}.${skip}`,
    `${identity}.${position}.1.${signature}`,
    `${identity}.${position}.0${skip}.${signature}`,
    `${identity}.${position}.${skip}.${otherSignature}`,
    `${identity}.${otherPosition}.${skip}.${signature}`,
    `${identity}.${position}.${skip}.`,
    `${cursor}.`,
    `${cursor}A`,
    `${cursor}=`,
    ` ${cursor}`,
    cursor.toLowerCase(),
    cursor.toUpperCase(),
  ].filter(version => version !== cursor)
}

overStores(({ name, newDatabase, shared }) => {
  const server = serving(newDatabase)
  const another = serving(newDatabase)
  const other = serving(name === 'embedded' && mongoAvailable ? mongoDatabase : embeddedDatabase)
  const { get } = client(server)
  const now = async (of = server): Promise<string> => JSON.parse((await client(of).get(feedPath)).text).next
  const page = async (after: string, of: Reachable = server) => {
    const { status, text } = await client(of).get(`${feedPath}?after=${encodeURIComponent(after)}`)
    return { status, ...JSON.parse(text) }
  }

  /** Returns the cursors before, within and after the commits of a calculation. */
  async function issued(): Promise<string[]> {
    const before = await now()
    const started = await restApi(server).start({ mentor_id: 'm' })
    if (!started.ok) throw new Error(started.code)
    await restApi(server).dispatch(started.session.session_id, 'CalculateRequested', inputsOf(1))
    await until(async () => (await page(before)).data.length === 3, 20_000, 'the calculation')
    return [before, ...(await page(before)).data.map(({ cursor }: { cursor: string }) => cursor)]
  }

  const foreign: [string, () => Promise<string>][] = [
    ['garbage', async () => 'garbage'],
    ['nothing but dots', async () => '...'],
    ['of another store of the same kind', () => now(another)],
    ['of a store of the other kind', () => now(other)],
    [
      'of this store with a position that is none',
      async () => feedCursorOf(server.store, { position: 'abcdef', skip: 0 }),
    ],
    ['with characters that end a line', async () => 'a\nb'],
    ['of an earlier time', async () => (name === 'mongo' ? anHourBack : aRowBack)((await issued()).at(-1) as string)],
    [
      'signed with the secret of another store',
      async () => feedCursorOf({ identity: server.store.identity, secret: another.store.secret }, await position()),
    ],
    // A store restored from a copy receives such cursors from its clients.
    ['of the future', async () => feedCursorOf(server.store, { position: inFuture(await position()), skip: 0 })],
    ...(name === 'mongo'
      ? [['of an event that the log does not have', eventThatNeverWas] as [string, () => Promise<string>]]
      : []),
  ]

  /** Returns the position after the start of a session. */
  async function position(): Promise<FeedPosition> {
    return feedPositionOf(server.store, (await issued())[1] as string) as FeedPosition
  }

  const inFuture = ({ position }: FeedPosition): string =>
    name === 'mongo'
      ? position.replace(/(?<=^82)[0-9A-F]{8}/i, seconds =>
          (Number.parseInt(seconds, 16) + 3_600).toString(16).toUpperCase(),
        )
      : position.replace(/^\d{15}/, row => String(Number(row) + 1_000_000).padStart(15, '0'))

  async function eventThatNeverWas(): Promise<string> {
    const { position: of } = await position()
    // The same event, one tick earlier.
    const ticks = (Number.parseInt(of.slice(10, 18), 16) - 1).toString(16).toUpperCase().padStart(8, '0')
    return feedCursorOf(server.store, { position: of.slice(0, 10) + ticks + of.slice(18), skip: 0 })
  }

  describe.each(foreign)('a cursor that is %s', (_, cursor) => {
    test.each(streams)('yields a gap with the reason unknown over %s, and then the live feed', async transport => {
      const after = await cursor()
      const { received, connection } = follow(server.url, transport, after)
      const [gap, ready] = await received(2)
      expect(gap).toEqual({ kind: 'gap', after, reason: 'unknown' })
      expect(ready).toEqual({ kind: 'ready', cursor: expect.any(String) })
      await restApi(server).start({ mentor_id: 'm' })
      expect((await received(3))[2]).toMatchObject({ kind: 'transition', event: 'SessionStarted' })
      connection.cut()
    })

    test('is refused with 400 invalid_cursor by a plain GET', async () => {
      const { status, text } = await get(`${feedPath}?after=${encodeURIComponent(await cursor())}`)
      expect(status).toBe(400)
      expect(JSON.parse(text)).toMatchObject({ code: 'invalid_cursor', errors: [{ parameter: 'after' }] })
    })
  })

  test('a cursor within a commit that now has fewer transitions loses none of the following ones', async () => {
    const at = feedPositionOf(server.store, await now()) as FeedPosition
    await restApi(server).start({ mentor_id: 'm' })
    const { received, connection } = follow(server.url, 'graphqlWs', feedCursorOf(server.store, { ...at, skip: 9 }))
    expect(await received(2)).toMatchObject([{ kind: 'ready' }, { event: 'SessionStarted' }])
    connection.cut()
  })

  test('no altered version of a cursor is accepted, and none reaches the store', async () => {
    const cursors = await issued()
    const reads: string[] = []
    const counted = intercepting(server.store, {
      log: {
        history(after, limit, filter) {
          reads.push(after)
          return server.store.log.history(after, limit, filter)
        },
      },
    })
    // A ring of one commit, so that a cursor which is accepted needs the store.
    const feed = new Feed(counted, quiet, 1)
    feed.reset('0')
    for (const [i, cursor] of cursors.entries()) {
      for (const version of alteredVersions(cursor, cursors.at(i - 1) as string)) {
        await expect(feed.page({ after: version, limit: 1 })).rejects.toMatchObject({ code: 'invalid_cursor' })
        expect(await page(version)).toMatchObject({ status: 400, code: 'invalid_cursor' })
      }
    }
    expect(reads).toEqual([])
  })

  test.each(streams)('an altered version of a cursor gets a gap with the reason unknown over %s', async transport => {
    const [before, within] = (await issued()) as [string, string]
    for (const after of alteredVersions(before, within)) {
      const { received, connection } = follow(server.url, transport, after)
      const [gap] = await received(2)
      expect(gap).toEqual({ kind: 'gap', after, reason: 'unknown' })
      connection.cut()
    }
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('a cursor works in another process of the same store and after a restart', async () => {
    const cursors = await issued()
    const expected = await Promise.all(cursors.map(cursor => page(cursor)))
    expect(expected.map(({ data }) => data.length)).toEqual([3, 2, 1, 0])
    if (shared) {
      const second = await startServer(server.database)
      for (const [i, cursor] of cursors.entries()) expect((await page(cursor, second)).data).toEqual(expected[i].data)
      await second.stop()
    }
    await server.stop()
    Object.assign(server, await startServer(server.database))
    for (const [i, cursor] of cursors.entries()) expect((await page(cursor)).data).toEqual(expected[i].data)
  })

  test('a commit signs no cursor until a subscriber needs it, and then one for all of them', async () => {
    const [before = ''] = await issued()
    const { position } = feedPositionOf(server.store, before) as FeedPosition
    const { entries } = await server.store.log.history(position, 10)
    let reads = 0
    const watched = {
      identity: server.store.identity,
      get secret() {
        reads++
        return server.store.secret
      },
    }
    const items = entries.flatMap(entry => feedEntryOf(watched, entry).items)
    expect(items).toHaveLength(3)
    expect(reads).toBe(0)
    for (const item of [...items, ...items]) expect(feedPositionOf(server.store, item.cursor)).toBeDefined()
    expect(reads).toBe(items.length)
  })

  test('Last-Event-ID takes precedence over `after`', async () => {
    const after = await now()
    await restApi(server).start({ mentor_id: 'm' })
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
    await live.received(1)
    for (const who of [{ mentor_id: 'mine' }, filter, { ...filter, mentor_id: 'other' }, filter]) {
      await restApi(server).start(who)
    }
    const [, one, two] = await live.received(3)
    for (const transport of transportNames) {
      const resumed = follow(server.url, transport, after, filter)
      expect(await resumed.received(3)).toEqual([{ kind: 'ready', cursor: after }, one, two])
      resumed.connection.cut()
    }
    live.connection.cut()
  })
})
