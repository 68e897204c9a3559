import { expectCompression } from '../../support/compression'
import { graphqlApi, restApi } from '../../support/interfaces'
import { multiply } from '../../support/many'
import { serving } from '../../support/server'
import { calculation, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { withTotals } from './api'

const server = serving(embeddedDatabase)
beforeAll(async () => multiply(server.store, await stored(server.store, {}, [calculation(1)]), 100))

test.each([
  ['REST', restApi],
  ['GraphQL', graphqlApi],
])('a summary over %s is compressed where that pays, and is readable to the client', async (_, apiOf) => {
  await expectCompression(server, apiOf, false, api => withTotals(api).summary())
})
