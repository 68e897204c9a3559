import type { Capability, Found, Provoking } from '../../support/operation'
import type { RawAnswer } from '../../support/raw'
import { json } from '../../support/rest'
import { startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { keysClient } from './client'

declare module '../../support/operation' {
  interface Found {
    key_id: string
  }
}

const path = '/api/v1/service-keys'
const one = `${path}/{key_id}`
const outside = 'service_key_not_found'
const idOf = ({ key_id }: Found) => ({ id: key_id })
const bodyOf = ({ organisation_id }: Pick<Found, 'organisation_id'>) => ({
  name: 'BI',
  role: 'reader',
  organisation_id,
})
const revoking = 'mutation ($id: ID!) { revokeServiceKey(id: $id) { revoked } }'

/** Sends a request with the only key of a server. `ID` stands for the key's id. */
async function withOnlyKey(
  { sent }: Provoking,
  [method, at, body]: [method: string, path: string, body?: object],
): Promise<RawAnswer> {
  const database = await embeddedDatabase()
  const server = await startServer(database, { config: { AUTH_KEYS: 'stored' } })
  await server.opened
  const { key, key_id } = await server.keys.create({ name: 'Ada Admin', role: 'admin' })
  const withId = (text: string): string => text.replace('ID', key_id)
  const headers = { Authorization: `Bearer ${key}`, ...(body && json) }
  const answer = await sent(
    server.url,
    method,
    withId(at),
    headers,
    body && JSON.stringify(body).replace('"ID"', `"${key_id}"`),
  )
  await server.stop()
  await database.drop()
  return answer
}

export const operations: Capability = {
  client: keysClient,
  config: { AUTH_KEYS: 'stored' },
  operations: [
    {
      access: 'admins',
      rest: {
        at: `GET ${path}`,
        shows: (text, of) => JSON.parse(text).data.filter((key: Found) => key.key_id === of.key_id).length,
      },
      graphql: {
        field: 'Query.serviceKeys',
        query: '{ serviceKeys { id } }',
        shows: (keys, of) => keys.filter(({ id }: { id: string }) => id === of.key_id).length,
      },
    },
    {
      access: 'admins',
      rest: { at: `POST ${path}`, status: 201, body: bodyOf },
      graphql: {
        field: 'Mutation.createServiceKey',
        query: 'mutation ($input: CreateServiceKeyInput!) { createServiceKey(input: $input) { key } }',
        variables: ({ organisation_id }) => ({
          input: { name: 'BI', role: 'READER', organisationId: organisation_id },
        }),
        async runs({ store, found: { organisation_id } }) {
          const keys = await store.keys.listKeys()
          return keys.filter(({ key }) => key.organisation_id === organisation_id).length - 1
        },
      },
    },
    {
      access: 'admins',
      rest: { at: `GET ${one}`, outside },
      graphql: {
        field: 'Query.serviceKey',
        query: 'query ($id: ID!) { serviceKey(id: $id) { id } }',
        variables: idOf,
      },
    },
    {
      access: 'admins',
      rest: { at: `POST ${one}/rotations`, body: () => ({ overlap_hours: 1 }), outside },
      graphql: {
        field: 'Mutation.rotateServiceKey',
        query: 'mutation ($id: ID!) { rotateServiceKey(input: { id: $id }) { key } }',
        variables: idOf,
        async runs({ store, found: { key_id } }) {
          return Number((await store.keys.readKey(key_id))?.key.revision) - 1
        },
        outside,
      },
    },
    {
      access: 'admins',
      consumes: true,
      rest: { at: `DELETE ${one}`, outside },
      graphql: { field: 'Mutation.revokeServiceKey', query: revoking, variables: idOf, runs: outside, outside },
    },
  ],
  async create({ post }, of) {
    const { key_id } = JSON.parse((await post(path, JSON.stringify(bodyOf(of)))).text)
    return { key_id }
  },
  provocations: {
    service_key_not_found: {
      status: 404,
      rest: on => withOnlyKey(on, ['GET', `${path}/none`]),
      graphql: on => withOnlyKey(on, ['POST', '/graphql', { query: revoking, variables: { id: 'none' } }]),
    },
    last_admin_key: {
      status: 409,
      rest: on => withOnlyKey(on, ['DELETE', `${path}/ID`]),
      graphql: on => withOnlyKey(on, ['POST', '/graphql', { query: revoking, variables: { id: 'ID' } }]),
    },
  },
}
