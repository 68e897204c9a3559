import { serverAudits } from 'graphql-http'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)

/** Audits that expect 400, where the first release of the specification says 422 (0009). */
const outdated = new Set(['423L', '86EE'])

// The audits of graphql-http test a draft of GraphQL over HTTP before its first release.
const audits = serverAudits({ url: () => `${server.url}/graphql` })

test('there are 61 audits, and the outdated ones are among them', () => {
  expect(audits).toHaveLength(61)
  expect(audits.filter(({ id }) => outdated.has(id))).toHaveLength(outdated.size)
})

for (const { id, name, fn } of audits) {
  if (outdated.has(id)) {
    test(`GraphQL over HTTP, except that the status is 422: ${name} (${id})`, async () => {
      expect(await fn()).toMatchObject({ reason: 'Response status code is not 400', response: { status: 422 } })
    })
  } else {
    test(`GraphQL over HTTP: ${name} (${id})`, async () => {
      expect(await fn()).toMatchObject({ status: 'ok' })
    })
  }
}
