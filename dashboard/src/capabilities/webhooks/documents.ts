const endpointFields = `id url description events organisationId mentorId status pending createdAt lastSuccessAt
  lastFailure { at status error }`

export const endpointsQuery = `query Endpoints { webhookEndpoints { ${endpointFields} } }`

export const endpointQuery = `query Endpoint($id: ID!) { webhookEndpoint(id: $id) { ${endpointFields}
  attempts { messageId type sessionId attempt at durationMs status error nextAttemptAt } } }`

export const createEndpointMutation = `mutation Create($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) { endpoint { id } secret } }`

export const pauseEndpointMutation = `mutation Pause($id: ID!, $paused: Boolean!) {
  updateWebhookEndpoint(input: {id: $id, paused: $paused}) { id } }`

export const testEndpointMutation = 'mutation Test($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }'

export const replayEndpointMutation = `mutation Replay($input: ReplayWebhookEndpointInput!) {
  replayWebhookEndpoint(input: $input) { endpointId } }`

export const rotateSecretMutation = 'mutation Rotate($id: ID!) { rotateWebhookSecret(id: $id) { secret } }'

export const deleteEndpointMutation = 'mutation Delete($id: ID!) { deleteWebhookEndpoint(id: $id) { deleted } }'
