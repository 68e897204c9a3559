import type { ListedEndpoint, WebhookAttempt } from './endpoints'
import { webhooksWords } from './words'

/** Shows why a delivery failed, and the response's HTTP status if there was a response. */
export const Failure = ({ error, status }: { error: NonNullable<WebhookAttempt['error']>; status: number | null }) => (
  <span class="loss">
    {webhooksWords.failures[error]}
    {status !== null && ` (${status})`}
  </span>
)

export const StatusChip = ({ status }: Pick<ListedEndpoint, 'status'>) => (
  <span class="chip" data-status={status}>
    {webhooksWords.statuses[status]}
  </span>
)
