import { linksAdded } from '../../support/links'
import { client } from '../../support/rest'
import { startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

test('GET / lists the paths only if they are switched on', async () => {
  const added = await linksAdded({ WEBHOOKS: false }, { WEBHOOKS: true })
  expect(added.length).toBeGreaterThan(0)
  for (const path of added) expect(path).toMatch(/^\/api\/v1\/webhook-endpoints/)
})

test('the description of GET / is the same whether they are switched on or off', async () => {
  const linksWith = async (WEBHOOKS: boolean): Promise<object> => {
    const database = await embeddedDatabase()
    const server = await startServer(database, { config: { WEBHOOKS } })
    const { components } = JSON.parse((await client(server).get('/openapi.json')).text)
    await server.stop()
    await database.drop()
    return components.schemas.Links
  }
  const on = await linksWith(true)
  expect(Object.values(on)).not.toEqual([])
  expect(await linksWith(false)).toEqual(on)
})
