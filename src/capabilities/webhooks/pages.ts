/** Paths of the dashboard's views of webhooks. */
export const webhookViews = ['/webhooks', '/webhooks/:endpoint_id'] as const
