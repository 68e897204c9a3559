import type { MetricsRegistry } from '../../telemetry/metrics'
import type { WebhookDeliveries } from './deliveries'

/**
 * Registers the webhook delivery metrics. If webhooks are off, `deliveries` is undefined, and all webhook metrics are 0
 * or missing. Returns a function that counts delivery attempts by outcome.
 */
export function addWebhookMetrics(metrics: MetricsRegistry, deliveries?: WebhookDeliveries): (outcome: string) => void {
  const attempts = metrics.counter(
    'webhook_attempts_total',
    'Attempts to deliver webhook messages, by outcome.',
    'outcome',
  )
  metrics.gauges('webhook_endpoints', 'Webhook endpoints to which this process delivers, by status.', 'status', () =>
    deliveries ? deliveries.statuses : {},
  )
  metrics.gauge(
    'webhook_messages_waiting',
    'Webhook messages that are waiting or being sent.',
    () => deliveries?.waiting ?? 0,
  )
  metrics.gauge(
    'webhook_oldest_message_age_seconds',
    'Age of the oldest waiting webhook message, or 0 if none waits.',
    () => {
      const oldest = deliveries?.oldest
      return oldest === undefined ? 0 : Math.max(0, Date.now() - Date.parse(oldest)) / 1_000
    },
  )
  return outcome => attempts.inc({ outcome })
}
