export const webhookViews = ['/webhooks', '/webhooks/:endpoint_id'] as const
