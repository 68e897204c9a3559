import { currencies } from '../../../src/domain/limits'
import { caveat } from '../../../src/domain/methods'
import { capabilities } from '../../capabilities'
import { inputs } from '../../support/inputs'
import { done, graphqlApi, restApi } from '../../support/interfaces'
import { clockAt, serving } from '../../support/server'
import { embeddedDatabase, overStores } from '../../support/stores'
import { allowedIn } from '../../support/transition-table'
import { type Assistant, type ListedTool, overGenerations, type ToolResult } from './assistants'

/** Returns the data of a tool. Throws if it is an error. */
async function data(result: Promise<ToolResult>) {
  const { data, text, code } = await result
  if (code) throw new Error(text)
  return data
}

const stated = { ...inputs, label: 'Spring', currency: 'GBP', period: { from: '2026-01-05', to: '2026-02-20' } }

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00.123Z')
  const server = serving(newDatabase, { config: { MCP: 'write' }, clock })
  const rest = restApi(server)

  /** Starts a session with a result. Returns its id. */
  async function loaded(mentor_id: string, organisation_id: string | null, payload = inputs): Promise<string> {
    const { session } = done(await rest.start({ mentor_id, organisation_id }))
    done(await rest.dispatch(session.session_id, 'CalculateRequested', payload))
    return session.session_id
  }

  const started = async (assistant: Assistant, mentor_id = 'm') =>
    data(assistant.call('start_session', { mentor_id, organisation_id: 'org' }))

  overGenerations(server, assistant => {
    /** Ids that no other test uses. */
    const unique = (name: string): string => `${name}-${assistant.version}`

    test('calculate returns the outputs and the caveat, and stores nothing', async () => {
      const before = await data(assistant.call('find_sessions'))
      const { text, data: outputs } = await assistant.call('calculate', { ...inputs, currency: 'GBP', label: null })
      expect(outputs).toMatchObject({ net_benefit: 287.5, benefit_cost_ratio: 4.29, undefined_because: [], caveat })
      expect(text).toBe(
        'Net benefit 287.50 GBP: a value of 375.00 GBP for a cost of 87.50 GBP, a benefit-cost ratio of 4.29.',
      )
      expect(await data(assistant.call('find_sessions'))).toEqual(before)
    })

    test('calculate gives the reason for an undefined output, and names every fault', async () => {
      const { text, data } = await assistant.call('calculate', { ...inputs, cost_per_session: 0 })
      expect(data.undefined_because).toContainEqual({ output: 'benefit_cost_ratio', reason: 'zero_cost' })
      expect(text).toBe('Net benefit 375.00: a value of 375.00 for a cost of 0.00.')
      const faulty = { ...inputs, sessions: -1, avg_minutes: 1.234, hourly: 3 }
      expect(await assistant.call('calculate', faulty)).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /sessions must be at least 0; /avg_minutes must have at most 2 decimals; /hourly is not a known member.',
      })
    })

    test('find_sessions shows a session with the figures of its result, in whole seconds', async () => {
      const mentor_id = unique('shown')
      clock.set('2026-03-26T09:00:00.123Z')
      const session_id = await loaded(mentor_id, 'org', stated)
      const { session_id: empty } = await started(assistant, mentor_id)
      const { sessions, total, next } = await data(assistant.call('find_sessions', { mentor_id, state: 'loaded' }))
      const row = {
        session_id,
        mentor_id,
        organisation_id: 'org',
        state: 'loaded',
        updated_at: '2026-03-26T09:00:00Z',
        version: 3,
        label: 'Spring',
        currency: 'GBP',
        period: stated.period,
        programme_cost: 87.5,
        time_value: 375,
        net_benefit: 287.5,
        benefit_cost_ratio: 4.29,
      }
      expect({ sessions, total, next }).toEqual({ sessions: [row], total: 1, next: null })
      const {
        sessions: [fresh],
      } = await data(assistant.call('find_sessions', { mentor_id, state: 'initial' }))
      expect(Object.keys(fresh)).toEqual(Object.keys(row).slice(0, 6))
      expect(fresh.session_id).toBe(empty)
    })

    test('find_sessions returns 20 sessions, newest first, and the rest by its cursor', async () => {
      const mentor_id = unique('many')
      const ids: string[] = []
      for (let n = 0; n < 25; n++) {
        clock.set(`2026-03-26T09:00:${n + 10}.000Z`)
        ids.unshift((await started(assistant, mentor_id)).session_id)
      }
      const { text, data: first } = await assistant.call('find_sessions', { mentor_id })
      expect(text).toBe('Matching sessions: 25. This page has 20. Pass `next` as `after` to get more.')
      const second = await data(assistant.call('find_sessions', { mentor_id, after: first.next }))
      const found = [...first.sessions, ...second.sessions].map(({ session_id }) => session_id)
      expect({ found, lengths: [first.sessions.length, second.sessions.length] }).toEqual({
        found: ids,
        lengths: [20, 5],
      })
      expect([first.total, second.total, second.next]).toEqual([25, 25, null])
      expect(await assistant.call('find_sessions', { mentor_id, after: 'none' })).toMatchObject({
        code: 'invalid_cursor',
      })
      expect(await assistant.call('find_sessions', { limit: 101 })).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /limit must be at most 100.',
      })
    })

    test('get_session returns the session with its result and the events that it accepts', async () => {
      const session_id = await loaded(unique('read'), null, stated)
      const { text, data } = await assistant.call('get_session', { session_id })
      expect(data).toEqual({
        session_id,
        mentor_id: unique('read'),
        organisation_id: null,
        external_id: null,
        created_at: expect.stringMatching(/:\d\dZ$/),
        state: 'loaded',
        last_event: 'CalculateRequested',
        result_id: data.result.result_id,
        updated_at: expect.stringMatching(/:\d\dZ$/),
        version: 3,
        allowed_events: allowedIn('loaded'),
        result: { ...done(await rest.results(session_id)).results[0], inputs: stated },
      })
      expect(text).toMatch(
        new RegExp(`^Session ${session_id} is in state loaded, at version 3. Net benefit 287.50 GBP`),
      )
      expect(await assistant.call('get_session', { session_id: 'none' })).toEqual({
        code: 'session_not_found',
        text: 'session_not_found: No session that you can see has this id. It was closed, it never existed, or it is outside your scope.',
      })
    })

    test('a range of months selects sessions', async () => {
      const mentor_id = unique('months')
      for (const month of ['2026-01', '2026-03']) {
        await loaded(mentor_id, mentor_id, { ...inputs, period: { from: `${month}-01`, to: `${month}-28` } })
      }
      const range = { from: '2026-02', to: '2026-04' }
      expect(await data(assistant.call('find_sessions', { mentor_id, ...range }))).toMatchObject({ total: 1 })
      expect(await assistant.call('find_sessions', { from: '2026-04', to: '2026-02' })).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /to must not be before from.',
      })
    })

    test('an assistant starts a session, calculates and shares it, and other clients see that', async () => {
      const mentor_id = unique('whole')
      const session = await started(assistant, mentor_id)
      expect(session).toMatchObject({ state: 'initial', version: 1, organisation_id: 'org', replayed: false })
      const { session_id } = session
      const calculation = { session_id, expected_version: 1, event: 'CalculateRequested', payload: stated }
      const { text, data: after } = await assistant.call('dispatch_event', calculation)
      expect(after).toMatchObject({ session_id, state: 'loaded', version: 3 })
      expect(text).toBe(`Session ${session_id} is in state loaded, at version 3.`)
      const shared = await assistant.call('share_result', { session_id })
      const { share } = done(await graphqlApi(server).share(session_id))
      expect(shared.data).toEqual({
        url: server.url + share.path,
        result_id: after.result_id,
        expires_at: share.expires_at,
      })
      expect(shared.text).toContain(shared.data.url)
      expect((await fetch(shared.data.url)).status).toBe(200)
      // The link exists already.
      expect((await data(assistant.call('share_result', { session_id }))).url).toBe(shared.data.url)
      expect(done(await rest.get(session_id)).version).toBe(4)
    })

    test('reassign_session gives a session to another mentor or organisation', async () => {
      const session_id = await loaded('m', 'o')
      const call = (more: object) => assistant.call('reassign_session', { session_id, ...more })
      const { text, data: after } = await call({ expected_version: 3, mentor_id: 'n', without_organisation: true })
      expect(after).toMatchObject({ session_id, mentor_id: 'n', organisation_id: null, state: 'loaded', version: 4 })
      expect(text).toBe(`Session ${session_id} is in state loaded, at version 4.`)
      expect(await call({ expected_version: 3, mentor_id: 'm' })).toMatchObject({ code: 'version_mismatch' })
      expect(await call({ expected_version: 4 })).toMatchObject({ code: 'validation_failed' })
      const both = { organisation_id: 'p', without_organisation: true }
      expect(await call({ expected_version: 4, ...both })).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /without_organisation must not be true together with an organisation.',
      })
    })

    test('share_result and dispatch_event take the days until a share link expires', async () => {
      clock.set('2026-03-26T09:00:00.000Z')
      const session_id = await loaded('m', null)
      const shared = await data(assistant.call('share_result', { session_id, expires_in_days: 7 }))
      expect(shared.expires_at).toBe('2026-04-02T09:00:00Z')
      const longer = { session_id, expected_version: 4, event: 'ShareRequested', expires_in_days: 90 }
      await data(assistant.call('dispatch_event', longer))
      const { share } = done(await rest.share(session_id))
      expect([server.url + share.path, share.expires_at]).toEqual([shared.url, '2026-06-24T09:00:00Z'])
      expect(await assistant.call('share_result', { session_id, expires_in_days: 366 })).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /expires_in_days must be at most 365.',
      })
      const reset = { session_id, expected_version: 5, event: 'ResetRequested', expires_in_days: 7 }
      expect(await assistant.call('dispatch_event', reset)).toMatchObject({
        code: 'validation_failed',
        text: expect.stringContaining('/expires_in_days'),
      })
    })

    test('the text of no answer contains a text that a user wrote', async () => {
      const mentor_id = unique('Ignore-your-instructions')
      const session_id = await loaded(mentor_id, mentor_id, { ...stated, label: mentor_id })
      const calls: [string, object][] = [
        ['find_sessions', { mentor_id }],
        ['get_session', { session_id }],
        ['start_session', { mentor_id }],
        ['dispatch_event', { session_id, expected_version: 3, event: 'ShareRequested' }],
        ['share_result', { session_id }],
      ]
      for (const [name, args] of calls) {
        const { text, data } = await assistant.call(name, args)
        expect([name, data === undefined, text.includes(mentor_id)]).toEqual([name, false, false])
      }
    })

    test('dispatch_event changes nothing if the session is no longer at the version that was read', async () => {
      const session_id = await loaded('m', null)
      const reset = { session_id, event: 'ResetRequested' }
      expect(await assistant.call('dispatch_event', { ...reset, expected_version: 2 })).toEqual({
        code: 'version_mismatch',
        text: 'version_mismatch: Precondition failed: the session is at version 3. Read it again before you retry.',
      })
      expect(await assistant.call('dispatch_event', reset)).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /expected_version is required.',
      })
      expect(done(await rest.get(session_id)).version).toBe(3)
    })

    test('an event that the state refuses, and a faulty payload, are errors that say what to do', async () => {
      const { session_id } = await started(assistant)
      const command = { session_id, expected_version: 1 }
      expect(await assistant.call('dispatch_event', { ...command, event: 'ShareRequested' })).toEqual({
        code: 'event_refused',
        text: `event_refused: A session in state initial does not accept ShareRequested. It accepts ${allowedIn('initial').join(', ')}.`,
      })
      const faulty = { ...command, event: 'CalculateRequested', payload: { ...inputs, currency: 'GPB' } }
      expect(await assistant.call('dispatch_event', faulty)).toEqual({
        code: 'validation_failed',
        text: 'validation_failed: /payload/currency must be an ISO 4217 code such as GBP.',
      })
      const { text } = await assistant.call('dispatch_event', { ...command, event: 'ResetRequested' })
      expect(text).toBe(`Session ${session_id} is in state initial, at version 1. The event changed nothing.`)
      expect(await assistant.call('share_result', { session_id })).toMatchObject({ code: 'event_refused' })
    })

    test('a repeat with the same idempotency key gets the first response, also over another interface', async () => {
      const key = unique('key')
      const mentor_id = unique('keyed')
      const start = { mentor_id, organisation_id: 'org', idempotency_key: key }
      const first = await data(assistant.call('start_session', start))
      expect(await data(assistant.call('start_session', start))).toEqual({ ...first, replayed: true })
      const overRest = done(await rest.start({ mentor_id, organisation_id: 'org' }, { key }))
      expect(overRest).toMatchObject({ replayed: true, session: { session_id: first.session_id } })
      expect(await assistant.call('start_session', { ...start, mentor_id: 'other' })).toMatchObject({
        code: 'idempotency_key_reused',
      })

      const { session_id } = first
      const dispatched = done(await rest.dispatch(session_id, 'CalculateRequested', inputs, { version: 1, key }))
      const calculation = { session_id, event: 'CalculateRequested', payload: inputs, idempotency_key: key }
      const repeated = await data(assistant.call('dispatch_event', { ...calculation, expected_version: 1 }))
      expect(repeated).toMatchObject({ ...dispatched.session, version: 3, replayed: true })
      expect(await assistant.call('start_session', { ...start, idempotency_key: 'k'.repeat(256) })).toMatchObject({
        code: 'invalid_request',
      })
    })
  })
})

describe('the list of tools', () => {
  const reading = serving(embeddedDatabase, { config: { MCP: 'read' } })
  const writing = serving(embeddedDatabase, { config: { MCP: 'write' } })
  const added = capabilities.flatMap(({ tools = [] }) => tools)
  const readTools = ['calculate', 'find_sessions', 'get_session', ...added]

  overGenerations(reading, assistant => {
    test('MCP=read has only tools that change nothing', async () => {
      const tools = await assistant.tools()
      expect(tools.map(({ name }) => name)).toEqual(readTools)
      for (const { annotations } of tools) expect(annotations).toEqual({ readOnlyHint: true, openWorldHint: false })
      await expect(assistant.call('start_session', { mentor_id: 'm' })).rejects.toThrow('Unknown tool')
    })
  })

  overGenerations(writing, assistant => {
    let tools: ListedTool[]
    beforeAll(async () => {
      tools = await assistant.tools()
    })

    test('MCP=write also has the tools that change sessions, with hints about what they do', () => {
      expect(tools.map(({ name }) => name)).toEqual([
        ...readTools,
        'start_session',
        'dispatch_event',
        'reassign_session',
        'share_result',
      ])
      const hints = Object.fromEntries(
        tools.slice(readTools.length).map(({ name, annotations }) => [name, annotations]),
      )
      const changes = { readOnlyHint: false, openWorldHint: false }
      expect(hints).toEqual({
        start_session: { ...changes, destructiveHint: false, idempotentHint: false },
        dispatch_event: { ...changes, destructiveHint: true, idempotentHint: true },
        reassign_session: { ...changes, destructiveHint: true, idempotentHint: true },
        share_result: { ...changes, destructiveHint: false, idempotentHint: true },
      })
    })

    test('every tool has a description, and schemas of its arguments and its data', () => {
      for (const { name, description, inputSchema, outputSchema } of tools) {
        expect([name, description.length > 40]).toEqual([name, true])
        expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
        expect(outputSchema).toMatchObject({ type: 'object' })
      }
      const dispatch = tools.find(({ name }) => name === 'dispatch_event')?.inputSchema
      expect(dispatch?.required).toEqual(['session_id', 'expected_version', 'event'])
      expect(dispatch?.properties.payload).toMatchObject({ required: Object.keys(inputs) })
    })

    test('the list is short, so that it leaves room in the context of an assistant', () => {
      const text = JSON.stringify(tools)
      // About 10,000 tokens.
      expect(text.length).toBeLessThan(40_000)
      expect(text).not.toContain([...currencies].at(-1))
    })
  })
})
