import type { ListedEndpoint, WebhookAttempt } from '../../live/webhooks'
import { words } from '../../words'

/** What failed, and the status of the response if there was one. */
export const Failure = ({ error, status }: { error: NonNullable<WebhookAttempt['error']>; status: number | null }) => (
  <span class="loss">
    {words.webhooks.failures[error]}
    {status !== null && ` (${status})`}
  </span>
)

export const StatusChip = ({ status }: Pick<ListedEndpoint, 'status'>) => (
  <span class="chip" data-status={status}>
    {words.webhooks.statuses[status]}
  </span>
)
