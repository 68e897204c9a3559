import fc from 'fast-check'
import { createFound, owners, sentBy } from '../../support/access'
import { exampleCommands } from '../../support/example-commands'
import { inputsOf } from '../../support/inputs'
import { type Answer, base, done, graphqlApi, type RestApi, restApi } from '../../support/interfaces'
import { client, json } from '../../support/rest'
import { type Server, startServer } from '../../support/server'
import { overStores, type TestDatabase } from '../../support/stores'
import { issuing, people } from '../../support/tokens'
import { feedPath } from '../../support/transports'
import { until } from '../../support/until'
import { capabilityConfig } from '..'
import { type Assistant, generations } from './assistants'

/** The owners between whom the sessions move. */
const { a, d } = owners
type Side = typeof a | typeof d
const otherOf = (side: Side): Side => (side === a ? d : a)

const callers = {
  'mentor of a': { side: a, claims: people.mentor },
  'coordinator of a': { side: a, claims: people.coordinator },
  'mentor of d': { side: d, claims: { ...d, sub: 'mentor d', role: 'mentor', name: 'Dee Mentor' } },
  'coordinator of d': { side: d, claims: { ...people.coordinator, ...d, sub: 'coordinator d', name: 'Dan' } },
} as const
type CallerName = keyof typeof callers
const callerNames = Object.keys(callers) as CallerName[]
const sideOfAuthor = new Map<unknown, Side>(Object.values(callers).map(({ side, claims }) => [claims.name, side]))

const changes = [...Object.keys(exampleCommands), 'revokeShare', 'replay', 'close'] as const
const interfaces = ['rest', 'graphql', 'assistant'] as const

interface Action {
  caller: CallerName
  over: (typeof interfaces)[number]
  change: string
  /** Makes calculations differ, so that they are not no-ops. */
  sessions: number
}

const action = fc.record<Action>({
  caller: fc.constantFrom(...callerNames),
  over: fc.constantFrom(...interfaces),
  // A close ends the burst for all, so it is rare.
  change: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...changes.filter(change => change !== 'close')) },
    { weight: 1, arbitrary: fc.constant('close') },
  ),
  sessions: fc.nat(1_000),
})

/** Ids that a caller of this side must never see. */
const foreignIds = (side: Side): RegExp => new RegExp(Object.values(otherOf(side)).join('|'))

interface Item {
  session_id: string
  event: string
  mentor_id: string
  organisation_id: string
  by?: string
}

overStores(kind => {
  describe.each(kind.shared ? [1, 2] : [1])('with %i servers on one database', count => {
    const { config, bearer } = issuing()
    const servers: Server[] = []
    const assistants = {} as Record<CallerName, Assistant[]>
    let database: TestDatabase
    beforeAll(async () => {
      database = await kind.newDatabase()
      for (let i = 0; i < count; i++)
        servers.push(await startServer(database, { config: { ...capabilityConfig, ...config, MCP: 'write' } }))
      for (const name of callerNames)
        assistants[name] = await Promise.all(
          servers.map(server => generations['2026-07-28'](server, { Authorization: bearer(callers[name].claims) })),
        )
    })
    afterAll(async () => {
      for (const connected of Object.values(assistants).flat()) await connected.close()
      for (const server of servers) await server.stop()
      await database?.drop()
    })

    const sentAs = (claims: object) => sentBy(bearer(claims))
    const serverOf = (i: number): Server => servers[i % servers.length] as Server
    const admin = () => restApi(serverOf(0), sentAs(people.admin))

    /** Sends a change, and returns the response as text. The text of a refusal begins with its code. */
    async function sent({ caller, over, change, sessions }: Action, id: string, token: string, i: number) {
      const { side, claims } = callers[caller]
      const key = change === 'replay' ? 'repeated' : undefined
      const event = key ? 'CalculateRequested' : change
      const payload =
        event === 'CalculateRequested' ? inputsOf(key ? 1 : sessions) : event === 'ReassignRequested' ? side : undefined
      if (over === 'assistant') {
        const [name, args] = assistantCall(event, payload)
        const { code, text, data } = await (assistants[caller][i % count] as Assistant).call(name, {
          session_id: id,
          ...args,
        })
        return code ? `${code} ${text}` : JSON.stringify(data)
      }
      const api = (over === 'rest' ? restApi : graphqlApi)(serverOf(i), sentAs(claims)) as RestApi
      const answer: Answer<object> = await (event === 'revokeShare'
        ? api.revokeShare(id, token)
        : event === 'close'
          ? api.close(id)
          : api.dispatch(id, event as 'ResetRequested', payload, { key }))
      return answer.ok ? JSON.stringify(answer) : `${answer.code} ${JSON.stringify(answer.facts)}`
    }

    function assistantCall(event: string, payload: object | undefined): [tool: string, args: object] {
      const expected_version = 4
      if (event === 'ReassignRequested') return ['reassign_session', { expected_version, ...payload }]
      if (event === 'CalculateRequested') return ['dispatch_event', { expected_version, event, payload }]
      return ['share_result', {}]
    }

    const cursorNow = async (): Promise<string> =>
      JSON.parse((await client(serverOf(0), sentAs(people.admin)).get(feedPath)).text).next

    async function itemsOf(claims: object, after: string, id: string): Promise<Item[]> {
      const { text } = await client(serverOf(0), sentAs(claims)).get(`${feedPath}?after=${after}&limit=1000`)
      return (JSON.parse(text).data as Item[]).filter(({ session_id }) => session_id === id)
    }

    /** Returns all items of a session in the feed, once the feed has its last version. */
    async function allItems(after: string, id: string): Promise<Item[]> {
      const answer = await admin().get(id)
      let items: Item[] = []
      await until(
        async () => {
          items = await itemsOf(people.admin, after, id)
          return answer.ok ? items.length >= answer.version : items.at(-1)?.event === 'SessionClosed'
        },
        20_000,
        () => `the feed has all of ${JSON.stringify(items)}`,
      )
      return items
    }

    test('nobody changes a session that has moved out of their scope, whatever they sent before', async () => {
      const bursts = fc.array(action, { minLength: 16, maxLength: 32 })
      await fc.assert(
        fc.asyncProperty(bursts, fc.array(action, { minLength: 6, maxLength: 6 }), async (burst, late) => {
          const after = await cursorNow()
          const found = await createFound(serverOf(0), a, {}, sentAs(people.admin))
          const { session_id: id, token } = found
          const half = burst.length / 2
          const send = (actions: Action[]) =>
            actions.map(async (action, i) => ({ action, text: await sent(action, id, token, i) }))
          const before = send(burst.slice(0, half))
          const move = admin().dispatch(id, 'ReassignRequested', d)
          const during = send(burst.slice(half))
          const moved = await move
          // A coordinator of `d` may move it, but not out of its organisation, so it stays there.
          const formerOwners = late.map(action => ({
            ...action,
            caller: callerNames[action.sessions % 2] as CallerName,
          }))
          const refusals = await Promise.all(send(formerOwners))
          if (moved.ok)
            for (const { action, text } of refusals)
              expect([action, text]).toEqual([action, expect.stringMatching(/^session_not_found /)])

          for (const { action, text } of [...(await Promise.all([...before, ...during])), ...refusals])
            expect([action, text]).toEqual([action, expect.not.stringMatching(foreignIds(callers[action.caller].side))])

          let owner: Side = a
          for (const item of await allItems(after, id)) {
            const author = sideOfAuthor.get(item.by)
            if (author) expect([item, author]).toEqual([item, owner])
            owner = item.organisation_id === a.organisation_id ? a : d
          }
          for (const { side, claims } of Object.values(callers))
            expect(JSON.stringify(await itemsOf(claims, after, id))).not.toMatch(foreignIds(side))
        }),
        { numRuns: 25 },
      )
      // No line of the log names an owner.
      for (const { log } of servers) expect(JSON.stringify(log)).not.toMatch(/mentor_[12]|org_[12]/)
    })

    test('the refusal of a change to a session that has moved away is that of an unknown id', async () => {
      const { session_id: id, token } = await createFound(serverOf(0), a, {}, sentAs(people.admin))
      done(await admin().dispatch(id, 'ReassignRequested', d))
      const unknown = 'session_00000000'
      const { call } = client(serverOf(count - 1), sentAs(people.coordinator))
      const requests = (of: string): [string, string, object?][] => [
        ...Object.values(exampleCommands).map((command): [string, string, object] => ['PUT', `${base}/${of}`, command]),
        ['PUT', `${base}/${of}`, { event: 'Unknown' }],
        ['DELETE', `${base}/${of}`],
        ['DELETE', `${base}/${of}/shares/${token}`],
      ]
      const answersOf = (of: string) =>
        Promise.all(
          requests(of).map(async ([method, path, body]) => {
            const headers = { ...json, 'Idempotency-Key': 'same', 'If-Match': '"1"' }
            const { status, text } = await call(method, path, body ? headers : {}, body && JSON.stringify(body))
            return [status, text.replaceAll(of, 'ID').replace(/"request_id":"[^"]*"/, '')]
          }),
        )
      expect(await answersOf(id)).toEqual(await answersOf(unknown))
    })
  })
})
