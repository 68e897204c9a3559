import type { ErrorMessages } from '../../../../../packages/client/src/errors.js'
import type { WebhookAttemptError, WebhookEndpointStatus } from '../../../../../packages/client/src/schema.js'
import type { Grammar, Phrase } from '../../../words/grammar'

/** English text of the webhook views. The text catalogues in other languages have the same structure. */
export const webhooksEn = ({ number }: Grammar) => ({
  heading: 'Webhooks',
  what: 'The server calls these URLs when a calculation changes.',
  nothing: 'No endpoints yet.',
  back: 'All endpoints',
  none: 'This endpoint doesn’t exist',
  url: 'URL',
  urlHint: 'An https address that the server can reach',
  /** Error message if the server refuses the URL. */
  urlFault: 'Enter a public https address, without a user name, a password or a #.',
  description: 'Description',
  descriptionHint: 'Optional: what the endpoint is for',
  events: 'Events',
  eventsHint: 'If you choose no events, the endpoint receives all of them.',
  allEvents: 'All',
  organisationHint: 'Optional: only this organisation’s calculations',
  pending: 'Waiting',
  pendingCount: (count: number) => (count < 1_000 ? number(count) : `${number(count)} or more`),
  created: 'Created',
  lastSuccess: 'Last success',
  lastFailure: 'Last failure',
  statuses: {
    ACTIVE: 'Active',
    RETRYING: 'Retrying',
    PAUSED: 'Paused',
    DISABLED: 'Disabled',
  } satisfies Record<WebhookEndpointStatus, string>,
  disabled:
    'This endpoint failed too often, or responded with 410. When it works again, press “Resume”. Delivery continues where it stopped.',
  create: {
    open: 'Create an endpoint',
    submit: 'Create endpoint',
    done: 'Endpoint created.',
  },
  secret: {
    label: 'Secret',
    onlyNow: 'Copy the secret now. It is shown only once.',
    copied: 'Secret copied.',
    selected: 'We couldn’t copy the secret. It is selected, so you can copy it yourself.',
    verify: <T>(library: T): Phrase<T> => ['Verify each message with this secret, for example with ', library, ':'],
  },
  pause: { action: 'Pause', done: 'Endpoint paused.' },
  resume: { action: 'Resume', done: 'Endpoint resumed.' },
  test: {
    action: 'Send a test',
    done: 'The test message is on its way. It will appear in the list of attempts.',
    delivered: 'The test was delivered.',
    failed: 'The test wasn’t delivered:',
  },
  replay: {
    action: 'Replay',
    heading: 'Deliver messages again',
    what: 'All messages after this cursor are delivered again, with the same message IDs.',
    cursor: 'Cursor',
    cursorHint: 'The data.cursor of a message',
    unknown: 'This server did not issue this cursor. Copy data.cursor from a message.',
    expired: 'The server no longer stores all messages after this cursor. Use a later cursor.',
    done: 'The messages are being delivered again.',
  },
  rotate: {
    action: 'Replace secret',
    heading: 'Replace the secret?',
    what: 'The new secret is shown only once. For 24 hours, messages are signed with both secrets.',
    done: 'Secret replaced.',
  },
  remove: {
    action: 'Delete endpoint',
    heading: 'Delete this endpoint?',
    what: 'This endpoint will receive no more messages, and its secret and attempts will be deleted. You can’t undo this.',
    done: 'Endpoint deleted.',
  },
  attempts: {
    heading: 'Latest attempts',
    nothing: 'No delivery attempts yet. Send a test message to see one.',
    time: 'Time',
    message: 'Message',
    number: 'Attempt',
    outcome: 'Outcome',
    delivered: 'Delivered',
    duration: 'Duration',
    ms: (ms: number) => `${number(ms)} ms`,
    next: 'Next attempt',
  },
  /** Reasons why a webhook delivery failed. */
  failures: {
    UNEXPECTED_STATUS: 'Unexpected response',
    TIMED_OUT: 'No complete response in 15 seconds',
    NAME_NOT_RESOLVED: 'Host name not found',
    ADDRESS_NOT_ALLOWED: 'Private or reserved address',
    CONNECTION_FAILED: 'Connection failed',
    TLS_FAILED: 'Certificate or TLS not accepted',
  } satisfies Record<WebhookAttemptError, string>,
  /** Messages for refused requests, keyed by error code. */
  refusals: {
    WEBHOOK_ENDPOINT_NOT_FOUND: () => 'This endpoint doesn’t exist. It may have been deleted.',
    ENDPOINT_INACTIVE: () => 'This endpoint is paused or disabled. Resume it first.',
  } satisfies ErrorMessages,
})
