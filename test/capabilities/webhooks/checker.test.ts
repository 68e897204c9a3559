import { WebhookChecker } from './checker'
import type { Received } from './receiver'

/** Returns a message about a transition of session `s`. Its id is `id`, or follows from the sequence. */
const message = (
  sequence: number,
  { from = 'loaded', id = `msg_${sequence}`, type = 'session.share_requested' } = {},
) => ({ type, headers: { 'webhook-id': id }, data: { session_id: 's', sequence, from } }) as unknown as Received

const gap = { type: 'feed.gap', headers: { 'webhook-id': 'gap' }, data: { after: 'a' } } as unknown as Received

test.each([
  ['one after the other', [message(1), message(2)], ['s#2'], []],
  ['without the one into loading', [message(1), message(3, { from: 'loading' })], ['s#2', 's#3'], []],
  ['again with the same id', [message(1), message(2), message(1), message(2)], ['s#2'], []],
  ['with a close', [message(1), message(2, { type: 'session.closed' })], ['s#close'], []],
  [
    'again with another id',
    [message(1), message(1, { id: 'other' })],
    [],
    ['a webhook duplicated s#1 with another id'],
  ],
  ['in another order', [message(2), message(1)], [], ['a webhook reordered s#1']],
  ['with a hole', [message(1), message(3)], [], ['a webhook lost s#2']],
  ['without the acknowledged last one', [message(1)], ['s#2'], ['a webhook lost s#2']],
  ['with a gap', [gap], [], ['a webhook lost messages: it received feed.gap']],
])('messages that arrive %s give these faults', (_, messages, acknowledged, faults) => {
  const checker = new WebhookChecker()
  for (const one of messages) checker.take(one)
  expect(checker.faults(acknowledged.map(key => ({ key })))).toEqual(faults)
})
