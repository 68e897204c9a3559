const endpoint = `fragment WebhookEndpoint on WebhookEndpoint {
  id url description events organisationId mentorId status cursor version createdAt updatedAt lastSuccessAt
  lastFailure { at status error } pending }`

const attempt = `fragment WebhookAttempt on WebhookAttempt {
  messageId type sessionId sequence attempt at durationMs status error nextAttemptAt }`

export const endpointsQuery = `query WebhookEndpoints { webhookEndpoints { ...WebhookEndpoint } } ${endpoint}`

export const endpointQuery = `query WebhookEndpoint($id: ID!) { webhookEndpoint(id: $id) { ...WebhookEndpoint } } ${endpoint}`

export const attemptsQuery = `query WebhookAttempts($id: ID!, $first: Int) {
  webhookEndpoint(id: $id) { attempts(first: $first) { ...WebhookAttempt } } } ${attempt}`

export const createMutation = `mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) { endpoint { ...WebhookEndpoint } secret } } ${endpoint}`

export const updateMutation = `mutation UpdateWebhookEndpoint($input: UpdateWebhookEndpointInput!) {
  updateWebhookEndpoint(input: $input) { ...WebhookEndpoint } } ${endpoint}`

export const deleteMutation = 'mutation DeleteWebhookEndpoint($id: ID!) { deleteWebhookEndpoint(id: $id) { deleted } }'

export const rotateMutation = 'mutation RotateWebhookSecret($id: ID!) { rotateWebhookSecret(id: $id) { secret } }'

export const testMutation = 'mutation TestWebhookEndpoint($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }'

export const replayMutation = `mutation ReplayWebhookEndpoint($input: ReplayWebhookEndpointInput!) {
  replayWebhookEndpoint(input: $input) { endpointId } }`
