import {
  createServiceKey,
  getServiceKey,
  listServiceKeys,
  revokeServiceKey,
  rotateServiceKey,
} from '../../../packages/client/src/capabilities/keys/entry'
import { SessionsClient } from '../../../packages/client/src/index'
import { Relay } from '../../support/relay'
import { type Reachable, serving } from '../../support/server'
import { keyFile, madeKey } from '../../support/service-keys'
import { embeddedDatabase } from '../../support/stores'

const admin = madeKey({ name: 'Ada Admin', role: 'admin', organisation_id: null })
const server = serving(embeddedDatabase, { config: { AUTH_KEYS: `stored,${keyFile(admin).file}` } })
let relay: Relay
beforeAll(async () => {
  relay = await Relay.before(server.url)
})
afterAll(() => relay.stop())

const clientWith = (token: string, { url }: Reachable = server) => new SessionsClient({ url, token })
const unauthenticated = { code: 'UNAUTHENTICATED' }

test('a service key goes from its creation through a rotation to its end', async () => {
  const client = clientWith(admin.key)
  const input = { name: 'CRM', role: 'COORDINATOR', organisationId: 'org_1', expires: '2999-12-31' } as const
  const { serviceKey, key } = await createServiceKey(client, input)
  expect(serviceKey).toMatchObject({ ...input, createdBy: 'Ada Admin', lastUsedAt: null })
  expect(await listServiceKeys(client)).toEqual([serviceKey])
  expect(await getServiceKey(client, serviceKey.id)).toEqual(serviceKey)
  await clientWith(key).startSession({ mentorId: 'm', organisationId: 'org_1' })

  const rotated = await rotateServiceKey(client, { id: serviceKey.id })
  await expect(clientWith(key).startSession({ mentorId: 'm' })).rejects.toMatchObject(unauthenticated)
  await clientWith(rotated.key).startSession({ mentorId: 'm', organisationId: 'org_1' })

  await revokeServiceKey(client, serviceKey.id)
  await expect(clientWith(rotated.key).startSession({ mentorId: 'm' })).rejects.toMatchObject(unauthenticated)
  expect(await getServiceKey(client, serviceKey.id)).toBeNull()
  await expect(revokeServiceKey(client, serviceKey.id)).rejects.toMatchObject({ code: 'SERVICE_KEY_NOT_FOUND' })
})

test('after a lost response, only a revocation is repeated', async () => {
  const client = clientWith(admin.key)
  const unsure = clientWith(admin.key, relay)
  const input = { name: 'BI', role: 'READER', organisationId: 'org_1' } as const
  relay.loseAnswers(1)
  await expect(createServiceKey(unsure, input)).rejects.toMatchObject({ name: 'ConnectionError' })
  const [created, ...others] = await listServiceKeys(client)
  expect([created?.name, others]).toEqual(['BI', []])
  relay.loseAnswers(1)
  await revokeServiceKey(unsure, String(created?.id))
  expect(await listServiceKeys(client)).toEqual([])
})
