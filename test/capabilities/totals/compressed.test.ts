import { expectCompression } from '../../support/compression'
import { graphqlDoor, restDoor } from '../../support/interfaces'
import { multiply } from '../../support/many'
import { serving } from '../../support/server'
import { calculation, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { withTotals } from './door'

const server = serving(embeddedDatabase)
beforeAll(async () => multiply(server.store, await stored(server.store, {}, [calculation(1)]), 100))

test.each([
  ['REST', restDoor],
  ['GraphQL', graphqlDoor],
])('a summary over %s is compressed where that pays, and is readable to the client', async (_, doorOf) => {
  await expectCompression(server, doorOf, false, door => withTotals(door).summary())
})
