import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { Transition } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { type Api, graphqlApi, queryOf, restApi } from '../support/interfaces'
import { send } from '../support/raw'
import { clockAt, type Server, serving } from '../support/server'
import { overStores } from '../support/stores'
import { until } from '../support/until'
import { changes, command, start, target } from './commands'
import { type Model, newModel } from './model'
import { events, everything, list, type Real, results, share, shared } from './reads'

const anyApi = fc.constantFrom(0, 1)
const anyTarget = fc.integer({ min: -1, max: 3 })

const reads = fc
  .record({
    api: anyApi,
    of: anyTarget,
    what: fc.constantFrom('events', 'results', 'share', 'shared', 'list'),
    after: fc.constantFrom(undefined, -1, 0, 1, 2, 5, 1_000),
    limit: fc.constantFrom(undefined, 0, 1, 2, 100, 1_001),
    mentor: fc.constantFrom('ann', 'bob'),
    state: fc.constantFrom(undefined, 'initial', 'loaded', 'error', 'closed'),
  })
  .map(drawn =>
    command('read', drawn, async (model, real) => {
      const api = real.apis[drawn.api] as Api
      const session = target(model, drawn.of)
      const { what, after, limit, mentor, state } = drawn
      if (what === 'events') await events(api, session, after, limit)
      else if (what === 'results') await results(api, session)
      else if (what === 'share') await share(model, api, session)
      else if (what === 'shared') await shared(model, api, session)
      else await list(model, real, api, mentor, state, limit === 1_001 ? 101 : limit)
    }),
  )

const feedPath = '/api/v1/benefit-calculator-events'

interface FeedItem extends Transition {
  cursor: string
  session_id: string
  mentor_id: string
  organisation_id: string | null
  left?: true
}

async function feedPage(server: Server, query: string): Promise<{ data: FeedItem[]; next: string }> {
  const { status, text } = await send(server.url, 'GET', `${feedPath}?${query}`)
  if (status !== 200) throw new Error(`the feed is ${status} ${text}`)
  return JSON.parse(text)
}

/** Expects the feed after a cursor to hold exactly the acknowledged transitions, in order. */
async function expectFeed(server: Server, from: string, limit: number, { acknowledged }: Model): Promise<void> {
  const items: FeedItem[] = []
  let next = from
  const read = async (): Promise<boolean> => {
    const page = await feedPage(server, new URLSearchParams({ after: next, limit: String(limit) }).toString())
    items.push(...page.data)
    next = page.next
    return page.data.length < limit && items.length >= acknowledged.length
  }
  await until(read, 60_000, () => `${acknowledged.length} transitions in the feed; it has ${items.length}`)
  const expected = acknowledged.map(({ item, transition }) => ({ ...transition, ...item }))
  expect(items.map(({ cursor: _, ...item }) => item)).toEqual(expected)
}

/** Expects a copy that follows the feed under a filter to be the list under the same filter. */
async function expectCopy(server: Server, from: string, limit: number, filter: object, { acknowledged }: Model) {
  const copy = new Map<string, number>()
  let next = from
  for (let size = limit; size === limit; ) {
    const { data, next: to } = await feedPage(server, queryOf({ ...filter, after: next, limit }))
    for (const { session_id, sequence, event, left } of data) {
      if (left || event === 'SessionClosed') copy.delete(session_id)
      else copy.set(session_id, sequence)
    }
    next = to
    size = data.length
  }
  const query = queryOf({ ...filter, limit: 100, view: 'full' })
  const { text } = await send(server.url, 'GET', `/api/v1/benefit-calculator-sessions?${query}`)
  const ofRun = new Set(acknowledged.map(({ item }) => item.session_id))
  const listed: { session_id: string; version: number }[] = JSON.parse(text).data
  expect([...copy].sort()).toEqual(
    listed
      .filter(({ session_id }) => ofRun.has(session_id))
      .map(({ session_id, version }) => [session_id, version])
      .sort(),
  )
}

const numRuns = { embedded: 200, mongo: 50 }

overStores(({ name, newDatabase }) => {
  const clock = clockAt('2100-01-01T00:00:00Z')
  const calculator = { works: true }
  const server = serving(newDatabase, {
    clock,
    calculator(inputs) {
      if (calculator.works) return calculate(inputs)
      throw new Error('the calculator is out of order')
    },
  })

  const weighted = [...changes, [2, reads] as const].flatMap(([weight, one]) =>
    Array.from({ length: weight }, () => one),
  )
  const anyCommands = fc.commands(weighted, { maxCommands: 20, size: 'medium' })

  test('for any requests, REST and GraphQL answer as the contract says, and the feed has every transition', async () => {
    const property = fc.asyncProperty(
      anyCommands,
      fc.constantFrom(1, 3, 1_000),
      anyApi,
      async (commands, limit, api) => {
        const apis: Real['apis'] = [restApi(server), graphqlApi(server)]
        const real: Real = { server, apis, clock, calculator, run: randomUUID() }
        const model = newModel(clock().getTime())
        calculator.works = true
        server.log.length = 0
        const { next } = await feedPage(server, '')
        const who = { mentor_id: 'ann', organisation_id: 'org' }
        await start({ api, body: { who, faults: [], schema: false }, key: 'a' }).run(model, real)
        await fc.asyncModelRun(() => ({ model, real }), commands)
        await everything(model, real)
        await expectFeed(server, next, limit, model)
        const [mentor_id, organisation_id] = [`${real.run} ann`, `${real.run} org`]
        for (const filter of [{ mentor_id }, { organisation_id }, { mentor_id, organisation_id }])
          await expectCopy(server, next, limit, filter, model)
        const errors = server.log.filter(({ level, msg }) => level === 'error' && msg !== 'calculation failed')
        expect(errors).toEqual([])
      },
    )
    await fc.assert(property, { numRuns: numRuns[name] })
  }, 600_000)
})
