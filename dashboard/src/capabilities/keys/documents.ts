export const keysQuery = `query ServiceKeys {
  serviceKeys { id name role organisationId mentorId expires createdAt createdBy lastUsedAt formerEndsAt } }`

export const createKeyMutation = `mutation CreateKey($input: CreateServiceKeyInput!) {
  createServiceKey(input: $input) { key serviceKey { id name } } }`

export const rotateKeyMutation = `mutation RotateKey($input: RotateServiceKeyInput!) {
  rotateServiceKey(input: $input) { key serviceKey { id name } } }`

export const revokeKeyMutation = 'mutation RevokeKey($id: ID!) { revokeServiceKey(id: $id) { revoked } }'
