const key = `fragment ServiceKey on ServiceKey {
  id name role organisationId mentorId expires createdAt createdBy lastUsedAt formerEndsAt }`

export const keysQuery = `query ServiceKeys { serviceKeys { ...ServiceKey } } ${key}`

export const keyQuery = `query ServiceKey($id: ID!) { serviceKey(id: $id) { ...ServiceKey } } ${key}`

export const createMutation = `mutation CreateServiceKey($input: CreateServiceKeyInput!) {
  createServiceKey(input: $input) { serviceKey { ...ServiceKey } key } } ${key}`

export const rotateMutation = `mutation RotateServiceKey($input: RotateServiceKeyInput!) {
  rotateServiceKey(input: $input) { serviceKey { ...ServiceKey } key } } ${key}`

export const revokeMutation = 'mutation RevokeServiceKey($id: ID!) { revokeServiceKey(id: $id) { revoked } }'
