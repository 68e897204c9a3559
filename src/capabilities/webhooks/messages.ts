import { createHash } from 'node:crypto'
import type { GapReason } from '../../domain/errors'
import { type Result, shownResult, type Transition } from '../../domain/session'
import { shownTime, type Timestamp } from '../../domain/timestamp'
import { feedItemBody } from '../../feed/feed-item'
import type { FeedFilter, FeedTransition } from '../../feed/ring'
import { messageTypeOf, type WebhookEndpoint } from './model'

export const feedFilterOf = ({ mentor_id, organisation_id, events }: WebhookEndpoint): FeedFilter => ({
  mentor_id: mentor_id ?? undefined,
  organisation_id: organisation_id ?? undefined,
  events: events.length > 0 ? events : undefined,
})

/** Number of base64url characters in a message id after `msg_`. The characters encode 144 bits. */
const idCharacters = 24

/** Derived from `key`, which identifies the message's subject, so that all attempts use the same id. */
export const messageId = (endpoint_id: string, key: string): string =>
  `msg_${createHash('sha256').update(`${endpoint_id} ${key}`).digest('base64url').slice(0, idCharacters)}`

const bodyOf = (type: string, at: Timestamp, data: object): string =>
  JSON.stringify({ type, timestamp: shownTime(at), data })

/** Whether a transition ends a calculation. Messages about such transitions contain the calculation's result. */
export const endsCalculation = ({ from }: Transition): boolean => from === 'loading'

/** Names the author only if the server requires tokens. `result` is null if the message contains none. */
export function transitionMessage(item: FeedTransition, requiresTokens: boolean, result: Result | null): string {
  const { transition } = item
  const data = {
    ...feedItemBody(item, requiresTokens ? { digest: '' } : {}),
    ...(endsCalculation(transition) && { result: result && shownResult(result) }),
  }
  return bodyOf(messageTypeOf(transition.event), transition.at, data)
}

export const gapType = 'feed.gap'
export const gapMessage = (after: string, reason: GapReason, at: Timestamp): string =>
  bodyOf(gapType, at, { after, reason })

export const testType = 'webhook.test'
export const testMessage = (endpoint_id: string, at: Timestamp): string => bodyOf(testType, at, { endpoint_id })
