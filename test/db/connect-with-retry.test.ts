import { waitsByPlace } from '../../src/concurrency/waits'
import { connectWithRetry } from '../../src/db/connect-with-retry'
import { DomainError, unavailable } from '../../src/domain/errors'
import { keptLog } from '../support/server'

const { log, lines } = keptLog()
const said = () => lines.splice(0).map(({ msg, err }) => [msg, (err as Error | undefined)?.message])
const running = new AbortController().signal

test('an unavailable store is retried until it opens, with one log line for the first reason and one for the success', async () => {
  let tries = 0
  const { tried, opened } = connectWithRetry(
    async () => {
      if (++tries <= 3) throw unavailable(new Error(`reason ${tries}`))
    },
    { log, stopping: running },
  )
  await tried
  expect(said()).toEqual([['waiting for the store', 'reason 1']])
  expect(waitsByPlace().store_retry).toBe(1)
  await opened
  expect(waitsByPlace().store_retry).toBe(0)
  expect(tries).toBe(4)
  expect(said()).toEqual([['store available', undefined]])
})

test('a store that opens at the first attempt is not logged', async () => {
  const { tried, opened } = connectWithRetry(async () => {}, { log, stopping: running })
  await Promise.all([tried, opened])
  expect(said()).toEqual([])
})

test('a slow attempt does not delay the start, and is logged', async () => {
  let open = (): void => {}
  const slow = new Promise<void>(resolve => {
    open = resolve
  })
  const { tried, opened } = connectWithRetry(() => slow, { log, stopping: running, patience: 1 })
  await tried
  expect(said()).toEqual([['waiting for the store', undefined]])
  open()
  await opened
  expect(said()).toEqual([['store available', undefined]])
})

test('a final error is not retried', async () => {
  let tries = 0
  const never = async () => {
    if (++tries === 1) throw new DomainError('unavailable')
    throw new Error('never')
  }
  const { tried, opened } = connectWithRetry(never, { log, stopping: running })
  await tried
  await expect(opened).rejects.toThrow('never')
  expect(tries).toBe(2)
  said()
})

test('a stop ends the retries', async () => {
  const stopping = new AbortController()
  const { tried, opened } = connectWithRetry(() => Promise.reject(new DomainError('unavailable')), {
    log,
    stopping: stopping.signal,
  })
  await tried
  stopping.abort()
  await opened
  expect(said()).toEqual([['waiting for the store', expect.any(String)]])
})
