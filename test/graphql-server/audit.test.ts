import { serverAudits } from 'graphql-http'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)

// The audits of graphql-http for GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/).
for (const audit of serverAudits({ url: () => `${server.url}/graphql` })) {
  test(`GraphQL over HTTP: ${audit.name} (${audit.id})`, async () => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' })
  })
}
