import { accessWorld } from '../support/access'
import { Checker } from '../support/checker'
import { longestTexts, repeat } from '../support/full'
import { base, done } from '../support/interfaces'
import { isParts, liveWays, overEvents, posted } from '../support/live'
import { json } from '../support/rest'
import { embeddedDatabase } from '../support/stores'
import { Subscriber } from '../support/subscriber'
import { people } from '../support/tokens'
import type { TransportName } from '../support/transports'
import { until, within } from '../support/until'

const world = accessWorld(embeddedDatabase)

/** Returns a mentor's token that ends in this many milliseconds. The claim is in seconds and may have a fraction. */
const ending = (ms: number): { authorization: string; exp: number } => {
  const exp = Date.now() + ms
  return { authorization: world.bearer({ ...people.mentor, exp: exp / 1_000 }), exp }
}

/** Writes until it is stopped. Records each session started and each version, with the time of the request. */
function writing(session_id: string) {
  const asked: { id: string; at: number }[] = []
  let isStopped = false
  const { post, put } = world.rest('mentor')
  const running = (async () => {
    for (let i = 0; !isStopped; i++) {
      const at = Date.now()
      const { text } = await post(base, '{"mentor_id":"mentor_1"}')
      asked.push({ id: JSON.parse(text).session_id, at })
      const event = i % 2 ? 'ShareRevokeRequested' : 'ShareRequested'
      await put(`${base}/${session_id}`, JSON.stringify({ event }))
    }
  })()
  return {
    asked,
    async stop(): Promise<void> {
      isStopped = true
      await running
    },
  }
}

/** Follows with a token that lasts long enough for some messages. The time depends on the load of the machine. */
async function followedToItsEnd(open: (typeof liveWays)[string], session_id: string) {
  for (let ms = 500; ; ms *= 2) {
    const { authorization, exp } = ending(ms)
    const timer = new Promise<number>(resolve => setTimeout(() => resolve(Date.now()), ms))
    const told = open(world.server.url, authorization, session_id)
    const end = await within(ms + 20_000, 'the end', told.ended)
    // The time at which a timer set for the same moment fired in this process.
    const due = await timer
    if (told.texts.length > 1) return { told, end, exp, due }
    if (ms > 8_000) throw new Error('nothing was told')
  }
}

describe.each(Object.entries(liveWays))('%s', (name, open) => {
  test('ends when its token ends, and sends nothing afterwards', async () => {
    const { session_id } = await world.fresh('a')
    const writer = writing(session_id)
    const { told, end, exp, due } = await followedToItsEnd(open, session_id)
    await until(() => (writer.asked.at(-1)?.at ?? 0) > exp + 100, 60_000, 'a write after the end')
    await writer.stop()
    expect(end.at).toBeGreaterThanOrEqual(exp)
    expect(end.at - due).toBeLessThan(5_000)
    const all = told.texts.map(({ text }) => text).join('') + (end.rest ?? '')
    for (const { id, at } of writer.asked) if (at >= exp) expect(all).not.toContain(id)
    expect(all).not.toMatch(/complete/)
    if (end.code !== undefined) expect(end).toMatchObject({ code: 4401, reason: 'Token expired' })
    else expect(end.whole).toBe(true)
    if (isParts(name)) {
      expect(end.rest).toContain('{"payload":null,"errors":[{"message":"Token expired"')
      expect(end.rest?.trimEnd().endsWith('--graphql--')).toBe(true)
    }
  })

  test('with a token that ended within the clock skew is admitted, sends nothing and ends at once', async () => {
    const told = open(world.server.url, ending(-5_000).authorization, world.found.a.session_id)
    const end = await within(60_000, 'the end', told.ended)
    expect(told.texts).toEqual([])
    if (end.code !== undefined) expect(end).toMatchObject({ code: 4401, reason: 'Token expired' })
    else expect(end).toMatchObject({ whole: true, status: 200 })
    expect(end.rest ?? '').not.toMatch(/payload":\{/)
  })

  test.each([40 * 86_400_000, 8e15, 1e303])('continues if its token ends in %d ms', async ms => {
    const { session_id } = await world.fresh('a')
    const told = open(world.server.url, ending(ms).authorization, session_id)
    let hasEnded = false
    told.ended.then(() => {
      hasEnded = true
    })
    const [api] = world.apis('mentor')
    await until(() => told.texts.length > 0, 60_000, 'the first message')
    const before = told.texts.length
    done(await api.start({ mentor_id: 'mentor_1' }))
    done(await api.dispatch(session_id, 'ResetRequested'))
    await until(() => told.texts.length > before, 60_000, 'what is told then')
    expect(hasEnded).toBe(false)
  })
})

test('with a token that ended within the clock skew, even a large first message is not sent', async () => {
  const { session_id } = await world.fresh('a')
  const [api] = world.apis('mentor')
  const longest = { ...calculation, ...longestTexts }
  const { version } = done(await api.dispatch(session_id, 'CalculateRequested', longest))
  const large = `subscription { sessionTransitions(sessionId: "${session_id}", after: ${version - 1}) {
    session { ${repeat(30, n => `a${n}: result { inputs { label valueSource note } }`)} } } }`
  const { authorization } = ending(-5_000)
  const told = overEvents(world.server.url, '/graphql', authorization, posted(large, 'text/event-stream'))
  expect(await within(60_000, 'the end', told.ended)).toMatchObject({ whole: true, status: 200 })
  expect(told.texts).toEqual([])
  const current = overEvents(
    world.server.url,
    '/graphql',
    ending(3_600_000).authorization,
    posted(large, 'text/event-stream'),
  )
  await until(() => current.texts.length > 0, 60_000, 'what is told to others')
  expect(Buffer.byteLength(JSON.stringify(current.texts))).toBeGreaterThan(64 * 1024)
})

test('an export is refused with an ended token, even within the clock skew, and given with another', async () => {
  const { call } = world.rest('without a token')
  const ask = (ms: number) => call('GET', `${base}?format=csv`, { Authorization: ending(ms).authorization })
  const refused = await ask(-5_000)
  expect(refused.status).toBe(401)
  expect(refused.headers['www-authenticate']).toContain(
    'error="invalid_token", error_description="The token has expired."',
  )
  for (const ms of [60_000, 8e15]) {
    const file = await ask(ms)
    expect(file.status).toBe(200)
    expect(file.text).toContain(world.found.a.session_id)
  }
})

test('a query with an ended token is answered within the clock skew, and refused beyond it', async () => {
  for (const [ms, status] of [
    [-5_000, 200],
    [-60_000, 401],
  ] as const) {
    const headers = { ...json, Authorization: ending(ms).authorization }
    const { call } = world.rest('without a token')
    expect((await call('GET', base, headers)).status).toBe(status)
    expect((await call('POST', '/graphql', headers, '{"query":"{ sessions { totalCount } }"}')).status).toBe(status)
  }
})

const live: TransportName[] = ['graphqlWs', 'graphqlSse', 'eventSource']

test('a client that reconnects with a new token and its cursor misses nothing, over each transport', async () => {
  const checker = new Checker()
  const { url } = world.server
  const subscribers = live.flatMap(transport =>
    [people.mentor, people.admin].map(({ sub, ...claims }) => {
      // Each token lasts just long enough for some messages.
      let ms = 125
      let before = -1
      const authorization = (): string => {
        if (subscriber?.connections === before) ms *= 2
        before = subscriber?.connections ?? -1
        return world.bearer({ sub, ...claims, exp: (Date.now() + ms) / 1_000 })
      }
      let subscriber: Subscriber | undefined
      subscriber = new Subscriber(`${sub} over ${transport}`, checker, {
        next: () => ({ url, transport }),
        authorization,
      })
      return subscriber
    }),
  )
  await until(() => subscribers.every(({ isReady }) => isReady), 60_000, 'ready')
  const [api] = world.apis('coordinator')
  let isEnough = false
  const write = async (): Promise<void> => {
    while (!isEnough) {
      const acknowledged = checker.asks()
      const { session_id } = done(await api.start({ mentor_id: 'mentor_1' })).session
      acknowledged({ session_id, sequence: 1, event: 'SessionStarted' })
      const calculated = checker.asks()
      const { version } = done(await api.dispatch(session_id, 'CalculateRequested', calculation))
      calculated({ session_id, sequence: version - 1 }, { session_id, sequence: version })
      const closed = checker.asks()
      done(await api.close(session_id))
      closed({ session_id, event: 'SessionClosed' })
    }
  }
  const writers = [write(), write()]
  const counts = () => subscribers.map(({ connections }) => connections)
  await until(
    () => counts().every(count => count >= 5),
    60_000,
    () => `5 connections: ${counts()}`,
  )
  isEnough = true
  await Promise.all(writers)
  await until(
    () => checker.complete,
    60_000,
    () => checker.faults().slice(0, 5).join(),
  )
  await Promise.all(subscribers.map(subscriber => subscriber.stop()))
  expect(checker.faults()).toEqual([])
  expect(checker.counts.writes).toBeGreaterThan(20)
  const ends = subscribers.flatMap(({ heard, lost }) => (heard.name.endsWith('graphqlWs') ? lost : []))
  for (const end of ends) expect(end).toMatchObject({ code: 4401, reason: 'Token expired' })
})

const calculation = { sessions: 3, avg_minutes: 30, cost_per_session: 1, cost_per_hour: 10 }
