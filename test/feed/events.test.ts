import { type TransitionEvent, transitionEvents } from '../../src/domain/session'
import { follow, subscribe } from '../support/follow'
import { inputsOf } from '../support/inputs'
import { done, restApi } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { feedPath, type Message, transportNames } from '../support/transports'
import { until } from '../support/until'

interface Page {
  data: { event: TransitionEvent; session_id: string; sequence: number; cursor: string }[]
  next: string
}

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { get } = client(server)
  const api = restApi(server)
  const page = async (parameters: Record<string, string>): Promise<Page> => {
    const { status, text } = await get(`${feedPath}?${new URLSearchParams(parameters)}`)
    expect(status).toBe(200)
    return JSON.parse(text)
  }

  /** The cursor before all writes, and everything that was written. */
  let start: string
  let everything: Page['data']

  beforeAll(async () => {
    start = (await page({})).next
    for (let i = 0; i < 4; i++) {
      const { session_id } = done(await api.start({ mentor_id: `m${i % 2}` })).session
      await api.dispatch(session_id, 'CalculateRequested', inputsOf(i + 1))
      await api.dispatch(session_id, 'ShareRequested')
      if (i % 2) await api.dispatch(session_id, 'ResetRequested')
      else await api.dispatch(session_id, 'CalculateRequested', inputsOf(i + 9))
      if (i > 1) await api.close(session_id)
    }
    await until(async () => (await page({ after: start })).data.length === 24, 20_000, 'all writes')
    everything = (await page({ after: start })).data
  })

  const selected = (events: TransitionEvent[], from = 0) =>
    everything.slice(from).filter(({ event }) => events.includes(event))

  describe.each(transportNames)('over %s', transport => {
    test.each([
      [['SessionStarted', 'SessionClosed']],
      // Its commits have two transitions each.
      [['CalculateRequested']],
      [['ResetRequested']],
    ] as [TransitionEvent[]][])(
      'a subscriber of %s that is cut off after each message gets each transition once',
      async events => {
        const expected = selected(events)
        const got: Message[] = []
        for (let after = start; got.length < expected.length; ) {
          const { received, connection } = follow(server.url, transport, after, { events })
          const [ready, item] = await received(2)
          connection.cut()
          expect(ready).toEqual({ kind: 'ready', cursor: after })
          if (item?.kind !== 'transition') throw new Error(JSON.stringify(item))
          got.push(item)
          after = item.cursor
        }
        expect(got).toMatchObject(
          expected.map(({ session_id, sequence, cursor }) => ({ session_id, sequence, cursor })),
        )
      },
    )

    test('a subscriber gets live transitions of its events only, and resumes after the last one', async () => {
      const events: TransitionEvent[] = ['SessionClosed']
      const live = follow(server.url, transport, undefined, { events })
      await live.received(1)
      const write = async () => {
        const { session_id } = done(await api.start({ mentor_id: 'live' })).session
        await api.dispatch(session_id, 'CalculateRequested', inputsOf(1))
        await api.close(session_id)
        return { kind: 'transition', event: 'SessionClosed', session_id, sequence: 4 }
      }
      const first = await write()
      const [, closed] = await live.received(2)
      expect(closed).toMatchObject(first)
      live.connection.cut()
      const second = await write()
      const after = (closed as { cursor: string }).cursor
      const resumed = follow(server.url, transport, after, { events })
      expect((await resumed.received(2))[1]).toMatchObject(second)
      resumed.connection.cut()
    })
  })

  test.each(transitionEvents)('from any cursor, the feed of %s has exactly the rest', async event => {
    for (const [i, { cursor }] of everything.entries()) {
      const { data } = await page({ after: cursor, event })
      expect(data.filter(({ cursor }) => everything.some(item => item.cursor === cursor))).toEqual(
        selected([event], i + 1),
      )
    }
  })

  test('a page counts the selected transitions only, and the filters work together', async () => {
    const event = 'SessionClosed,SessionStarted'
    const { data, next } = await page({ after: start, event, limit: '3', mentor_id: 'm1' })
    const expected = selected(['SessionStarted', 'SessionClosed']).filter(({ session_id }) =>
      everything.some(item => item.session_id === session_id && 'mentor_id' in item && item.mentor_id === 'm1'),
    )
    expect(data).toEqual(expected.slice(0, 3))
    expect(next).toBe(data.at(-1)?.cursor)
  })

  test('the cursor of an empty page is after everything that the filter excludes', async () => {
    const { data, next } = await page({ after: start, event: 'RetryRequested' })
    expect(data).toEqual([])
    expect((await page({ after: next })).data).toEqual([])
  })

  test.each([
    ['event=', 'must name at least one event. Leave it out to select all'],
    ['event=SessionClosed,SessionClosed', 'must name each event only once'],
    ['event=SessionClosed&event=SessionStarted', 'must appear only once'],
    ['event=sessionclosed', 'has an unknown event, "sessionclosed" (did you mean SessionClosed?)'],
    [
      'event=SessionClosed,CalculateRequest',
      'has an unknown event, "CalculateRequest" (did you mean CalculateRequested?)',
    ],
    [
      'event=SHARE_REVOKE_REQUESTED',
      'has an unknown event, "SHARE_REVOKE_REQUESTED" (did you mean ShareRevokeRequested?)',
    ],
    ['event=SessionClosed,', `has an unknown event, "" (known: ${transitionEvents.join(', ')})`],
    [
      `event=${'x'.repeat(900)}%0A`,
      `has an unknown event, "${'x'.repeat(40)}" (known: ${transitionEvents.join(', ')})`,
    ],
  ])('REST refuses %s as JSON and as a stream: %s', async (parameters, detail) => {
    for (const Accept of ['application/json', 'text/event-stream']) {
      const said = problem(await get(`${feedPath}?${parameters}`, { Accept }))
      expect(said).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ detail, parameter: 'event' }] })
    }
  })

  test.each([
    [[], 'must name at least one event. Leave it out to select all'],
    [['SessionClosed', 'SessionClosed'], 'must name each event only once'],
  ] as [TransitionEvent[], string][])('GraphQL refuses the events %j: %s', async (events, detail) => {
    const { ended } = follow(server.url, 'graphqlWs', undefined, { events }).connection
    expect(await ended).toMatchObject([
      { extensions: { code: 'VALIDATION_FAILED', errors: [{ detail, pointer: '/filter/events' }] } },
    ])
  })

  test('GraphQL refuses an unknown event, with the nearest known one', async () => {
    const text = 'subscription { feed(filter: { events: [SESSION_CLOSE] }) { __typename } }'
    const subscribed = subscribe(server.url, text)
    await until(() => subscribed.ended !== undefined, 20_000, 'the end')
    expect(JSON.stringify(subscribed.ended)).toContain('Did you mean the enum value \\"SESSION_CLOSED\\"')
    subscribed.leave()
  })
})
