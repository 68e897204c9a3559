import { linksAt } from '../../support/rest'
import { startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

test('GET / lists the paths only if they are switched on', async () => {
  const place = await embeddedDatabase()
  const off = await startServer(place, { config: { WEBHOOKS: false } })
  const without = await linksAt(off.url)
  await off.stop()
  const on = await startServer(place, { config: { WEBHOOKS: true } })
  const added = Object.entries(await linksAt(on.url)).filter(([name]) => !(name in without))
  await on.stop()
  await place.drop()
  expect(added.length).toBeGreaterThan(0)
  for (const [, path] of added) expect(path).toMatch(/^\/api\/v1\/webhook-endpoints/)
})
