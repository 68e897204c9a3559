import { waitsByPlace } from '../../src/concurrency/waits'
import { MessageQueue } from '../../src/graphql-server/websocket-connection'
import { until } from '../support/until'

test('connections are handled one per address in turn, and all but the first count as waiting', async () => {
  const queue = new MessageQueue()
  const handled: string[] = []
  const connection = (address: string, request_id: string) => ({
    peer: { address, authorization: undefined },
    request_id,
    handleNext: () => void handled.push(request_id),
  })
  const first = connection('a', 'a1')
  for (const one of [first, connection('a', 'a2'), connection('a', 'a3'), connection('b', 'b1')]) queue.enter(one)
  queue.enter(first)
  expect(waitsByPlace().fair_queue).toBe(3)
  await until(() => handled.length === 4, 5_000, 'all to be handled')
  expect(handled).toEqual(['a1', 'b1', 'a2', 'a3'])
  expect(waitsByPlace().fair_queue).toBe(0)
})
