import { type Capability, filterOf, ownerOf, startsOf } from '../../support/operation'
import { importClient } from './client'
import { ndjson, path } from './importing'

export const operations: Capability = {
  client: importClient,
  operations: [
    {
      access: 'changes',
      needsOrganisation: true,
      rest: {
        at: `POST ${path}`,
        types: ['application/x-ndjson'],
        isStream: true,
        body: ownerOf,
        outside: 'forbidden',
        refusal: text => JSON.parse(text.split('\n')[0] ?? '').code,
      },
      graphql: {
        field: 'Mutation.startSessions',
        query: 'mutation ($inputs: [StartSessionInput!]!) { startSessions(inputs: $inputs) { session { id } code } }',
        variables: of => ({ inputs: [filterOf(of).filter] }),
        outside: 'forbidden',
        refusal: ([outcome]) => outcome.code,
        runs: startsOf,
      },
    },
  ],
  async further({ post }) {
    await post(path, '')
    await post(`${path}?dry_run=on`, '{}\n', ndjson)
    await post(path, '{}\n', { ...ndjson, 'Idempotency-Key': '"a"' })
    await post(path, '{}\n', { ...ndjson, 'Content-Encoding': 'gzip' })
    await post(path, '{}\n', { ...ndjson, Accept: 'application/json' })
  },
}
