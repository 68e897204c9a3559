import type { Capability, Found, Provoking, Ran } from '../../support/operation'
import { json } from '../../support/rest'
import { webhooksClient } from './client'

declare module '../../support/operation' {
  interface Found {
    endpoint_id: string
  }
}

const path = '/api/v1/webhook-endpoints'
const one = `${path}/{endpoint_id}`
const url = 'https://receiver.invalid/'
const outside = 'webhook_endpoint_not_found'
const idOf = ({ endpoint_id }: Found) => ({ id: endpoint_id })

/** Number of times that the endpoint was changed. */
async function changesOf({ store, found: { endpoint_id } }: Ran): Promise<number> {
  const stored = await store.webhooks.readEndpoint(endpoint_id)
  return Number(stored?.endpoint.revision) - 1
}

/** Headers of a webhook message. */
const asMessage = { ...json, 'User-Agent': 'benefit-sessions/1.0.0', 'webhook-id': 'msg_1' }

const bodyOf = (organisation_id: string) => JSON.stringify({ url, organisation_id })
const creating =
  'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } secret } }'
const create = ({ ask }: Provoking, organisationId: string) => ask(creating, { input: { url, organisationId } })

export const operations: Capability = {
  client: webhooksClient,
  config: { WEBHOOKS: true },
  operations: [
    {
      access: 'managers',
      rest: {
        at: `GET ${path}`,
        shows: (text, of) => JSON.parse(text).data.filter((one: Found) => one.endpoint_id === of.endpoint_id).length,
      },
      graphql: {
        field: 'Query.webhookEndpoints',
        query: '{ webhookEndpoints { id attempts(first: 5) { messageId } } }',
        shows: (endpoints, of) => endpoints.filter(({ id }: { id: string }) => id === of.endpoint_id).length,
      },
    },
    {
      access: 'managers',
      rest: {
        at: `POST ${path}`,
        status: 201,
        body: ({ organisation_id }) => ({ url, organisation_id }),
        outside: 'forbidden',
      },
      graphql: {
        field: 'Mutation.createWebhookEndpoint',
        query: creating,
        variables: ({ organisation_id }) => ({ input: { url, organisationId: organisation_id } }),
        async runs({ store, found: { organisation_id } }) {
          const endpoints = await store.webhooks.listEndpoints(organisation_id)
          return endpoints.length - 1
        },
        outside: 'forbidden',
      },
    },
    {
      access: 'managers',
      rest: { at: `GET ${one}`, outside },
      graphql: {
        field: 'Query.webhookEndpoint',
        query: 'query ($id: ID!) { webhookEndpoint(id: $id) { id attempts { messageId } } }',
        variables: idOf,
      },
    },
    {
      access: 'managers',
      rest: { at: `PATCH ${one}`, body: () => ({ description: 'changed' }), outside },
      graphql: {
        field: 'Mutation.updateWebhookEndpoint',
        query: 'mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, description: "changed" }) { id } }',
        variables: idOf,
        runs: changesOf,
        outside,
      },
    },
    {
      access: 'managers',
      consumes: true,
      rest: { at: `DELETE ${one}`, outside },
      graphql: {
        field: 'Mutation.deleteWebhookEndpoint',
        query: 'mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { deleted } }',
        variables: idOf,
        runs: outside,
        outside,
      },
    },
    {
      access: 'managers',
      rest: { at: `POST ${one}/rotations`, outside },
      graphql: {
        field: 'Mutation.rotateWebhookSecret',
        query: 'mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret } }',
        variables: idOf,
        runs: changesOf,
        outside,
      },
    },
    {
      access: 'managers',
      rest: { at: `POST ${one}/tests`, status: 202, outside },
      graphql: {
        field: 'Mutation.testWebhookEndpoint',
        query: 'mutation ($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }',
        variables: idOf,
        runs: changesOf,
        outside,
      },
    },
    {
      access: 'managers',
      rest: { at: `POST ${one}/replays`, status: 202, body: (_of, origin) => ({ after: origin }), outside },
      graphql: {
        field: 'Mutation.replayWebhookEndpoint',
        query: 'mutation ($input: ReplayWebhookEndpointInput!) { replayWebhookEndpoint(input: $input) { endpointId } }',
        variables: ({ endpoint_id }, origin) => ({ input: { id: endpoint_id, after: origin } }),
        runs: changesOf,
        outside,
      },
    },
    { access: 'managers', rest: { at: `GET ${one}/attempts`, outside } },
  ],
  async create({ post }, { organisation_id }) {
    const { endpoint_id } = JSON.parse((await post(path, bodyOf(organisation_id))).text)
    return { endpoint_id }
  },
  provocations: {
    loop_detected: {
      status: 508,
      rest: ({ rest }) => rest.post(path, bodyOf('loop'), asMessage),
      graphql: ({ rest }) => rest.post('/graphql', JSON.stringify({ query: creating, variables: {} }), asMessage),
    },
    webhook_endpoint_not_found: {
      status: 404,
      rest: ({ rest }) => rest.get(`${path}/none`),
      graphql: ({ ask }) => ask('mutation { rotateWebhookSecret(id: "none") { secret } }'),
    },
    endpoint_inactive: {
      status: 409,
      async rest({ rest }) {
        const { endpoint_id } = JSON.parse((await rest.post(path, bodyOf('paused'))).text)
        await rest.call('PATCH', `${path}/${endpoint_id}`, json, '{"paused":true}')
        return rest.post(`${path}/${endpoint_id}/tests`, '')
      },
      async graphql(on) {
        const { data } = JSON.parse((await create(on, 'paused')).text)
        const { id } = data.createWebhookEndpoint.endpoint
        await on.ask('mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, paused: true }) { id } }', { id })
        return on.ask('mutation ($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }', { id })
      },
    },
  },
}
