import { waitsByPlace } from '../../src/concurrency/waits'
import { everyone } from '../../src/domain/caller'
import { noteCharacters } from '../../src/domain/limits'
import type { Command } from '../../src/domain/session'
import {
  ExecutionQueue,
  lightObjects,
  maxAnswerBytes,
  objectsAtOnce,
  operationsWaiting,
} from '../../src/graphql-server/execution-queue'
import { maxObjects } from '../../src/graphql-server/limits'
import { type Ask, overPost, ways } from '../support/ask'
import { send } from '../support/raw'
import { clockAt, serving } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const of = (address: string) => ({ caller: { ...everyone, address }, connection: {} })

const cost = (objects: number) => ({ objects, values: 0 })

/** Enters, and records when it is admitted or refused. */
function entering(executions: ExecutionQueue, objects: number, signal = { aborted: false }, address = 'ann') {
  const entry: { leave?: () => void; refusal?: { code: string } } = {}
  executions.acquire(cost(objects), { ...of(address), signal }).then(
    leave => {
      entry.leave = leave
    },
    refusal => {
      entry.refusal = refusal
    },
  )
  return entry
}

/** Longer than the pause that an operation causes when it ends. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 200))

describe('costly operations', () => {
  test('run concurrently while their sum is small, otherwise alone, in the order of arrival', async () => {
    const executions = new ExecutionQueue()
    const [first, second, third, small] = [objectsAtOnce - 400, 400, maxObjects, lightObjects + 1].map(of =>
      entering(executions, of),
    )
    await turn()
    expect([first, second, third, small].map(entry => entry?.leave !== undefined)).toEqual([true, true, false, false])
    first?.leave?.()
    await turn()
    expect(third?.leave).toBeUndefined()
    second?.leave?.()
    await turn()
    expect([third, small].map(entry => entry?.leave !== undefined)).toEqual([true, false])
    third?.leave?.()
    await turn()
    expect(small?.leave).toBeDefined()
  })

  test('delay no cheap operation', async () => {
    const executions = new ExecutionQueue()
    const entries = [maxObjects, maxObjects, lightObjects, 0].map(of => entering(executions, of))
    await turn()
    expect(entries.map(({ leave }) => leave !== undefined)).toEqual([true, false, true, true])
    entries[0]?.leave?.()
    await turn()
    entries[1]?.leave?.()
  })

  test('are refused when too many wait, but a message of a subscription still waits', async () => {
    const executions = new ExecutionQueue()
    const running = entering(executions, maxObjects)
    const waiting = Array.from({ length: operationsWaiting }, () => entering(executions, 5_000))
    const refused = entering(executions, 5_000)
    let isTold = false
    void executions.acquire({ ...cost(499), isMessage: true }, of('ann')).then(() => {
      isTold = true
    })
    await turn()
    expect(refused.refusal).toMatchObject({ code: 'unavailable' })
    expect(waitsByPlace().graphql_queue).toBe(operationsWaiting + 1)
    running.leave?.()
    for (const entry of waiting) {
      await until(() => entry.leave !== undefined, 60_000, 'its turn')
      entry.leave?.()
    }
    await until(() => isTold, 60_000, 'the message')
    expect(waitsByPlace().graphql_queue).toBe(0)
  })

  test('take turns by principal, and a full queue refuses the latest of the principal with most', async () => {
    const executions = new ExecutionQueue()
    const running = entering(executions, maxObjects)
    const anns = Array.from({ length: operationsWaiting }, () => entering(executions, maxObjects))
    const bob = entering(executions, maxObjects, undefined, 'bob')
    await turn()
    expect(anns.map(({ refusal }) => refusal !== undefined)).toEqual(anns.map((_, i) => i === anns.length - 1))
    running.leave?.()
    await turn()
    anns[0]?.leave?.()
    await turn()
    expect([anns[0], bob, anns[1]].map(entry => entry?.leave !== undefined)).toEqual([true, true, false])
    bob.leave?.()
    for (const ann of anns.slice(1, -1)) {
      await until(() => ann.leave !== undefined, 60_000, 'its turn')
      ann.leave?.()
    }
  })

  test('are not refused because messages of subscriptions wait', async () => {
    const executions = new ExecutionQueue()
    const running = entering(executions, maxObjects)
    const messages = Array.from({ length: operationsWaiting }, () =>
      executions.acquire({ ...cost(499), isMessage: true }, of('eve')),
    )
    const bob = entering(executions, maxObjects, undefined, 'bob')
    await turn()
    expect(bob).toEqual({})
    running.leave?.()
    ;(await messages[0])?.()
    await until(() => bob.leave !== undefined, 60_000, 'its turn')
    bob.leave?.()
    for (const message of messages.slice(1)) (await message)()
  })

  test('do not start if their client has left', async () => {
    const executions = new ExecutionQueue()
    const signal = { aborted: false }
    const [running, left, behind] = [
      entering(executions, maxObjects),
      entering(executions, maxObjects, signal),
      entering(executions, maxObjects),
    ]
    await turn()
    signal.aborted = true
    running.leave?.()
    await turn()
    expect(left).toMatchObject({ refusal: { code: 'unavailable' } })
    expect(behind.leave).toBeDefined()
  })
})

describe('a response', () => {
  const server = serving(embeddedDatabase, { clock: clockAt('2026-03-26T12:00:00Z') })
  let id: string
  beforeAll(async () => {
    const commands = Array.from({ length: 499 }, (_, i) => calculation(i))
    id = (await stored(server.store, { mentor_id: '☕'.repeat(200) }, commands)).session_id
  })

  const names = (transitions: number): string => {
    const each = Array.from({ length: 20 }, (_, i) => `a${i}: mentorId`).join(' ')
    return `{ session(id: "${id}") { transitions(first: ${transitions}) { session { ${each} } } } }`
  }

  test.each<[string, Ask]>(ways)('over %s may be as large as the limit, and no larger', async (_, ask) => {
    const served = await ask(server, names(330))
    expect(served.errors).toBeUndefined()
    const bytes = Buffer.byteLength(JSON.stringify({ data: served.data }))
    expect(bytes).toBeGreaterThan(maxAnswerBytes * 0.9)
    expect(bytes).toBeLessThanOrEqual(maxAnswerBytes)

    const refused = await ask(server, names(350))
    expect(refused.data).toBeUndefined()
    expect(refused.errors).toEqual([
      {
        message: `The response is larger than ${maxAnswerBytes} bytes. Request smaller pages or fewer fields.`,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
    expect(refused.status).toBeLessThan(500)
  })

  test('of few values, each as long as a note may be, is no larger', async () => {
    const note = '𝒳'.repeat(noteCharacters)
    const commands = Array.from({ length: 499 }, (_, i): Command => {
      const { event, payload } = calculation(i)
      return { event, payload: { ...payload, note } }
    })
    const { session_id } = await stored(server.store, {}, commands)
    const results = 'results { a: inputs { note } b: inputs { note } }'
    const transitions = 'transitions(first: 100) { session { result { inputs { note } } } }'
    const [served, refused] = [results, `${results} ${transitions}`].map(fields =>
      overPost(server, `{ session(id: "${session_id}") { ${fields} } }`),
    )
    expect((await served)?.errors).toBeUndefined()
    expect((await refused)?.errors?.[0]?.message).toMatch(/^The response is larger than/)
  })

  test('to one costly query after another leaves time for other requests', async () => {
    const aliases = Array.from({ length: 8 }, (_, i) => `a${i}: results { id outputs { timeValue netBenefit } }`)
    const asked = Array.from({ length: 4 }, () => overPost(server, `{ session(id: "${id}") { ${aliases.join(' ')} } }`))
    let isAnswered = false
    const all = Promise.all(asked).finally(() => {
      isAnswered = true
    })
    let served = 0
    for (; !isAnswered; served++) {
      expect(await send(server.url, 'GET', '/healthz', { Connection: 'close' })).toMatchObject({ status: 200 })
    }
    for (const { errors } of await all) expect(errors).toBeUndefined()
    expect(served).toBeGreaterThan(3)
  })
})
