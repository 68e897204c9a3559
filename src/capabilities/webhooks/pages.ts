export const webhookViewPaths = ['/webhooks', '/webhooks/:endpoint_id'] as const
