import { linksAdded } from '../../support/links'

test('GET / lists the paths only if they are switched on', async () => {
  const added = await linksAdded({ MCP: 'off' }, { MCP: 'read' })
  expect(added.length).toBeGreaterThan(0)
  for (const path of added) expect(path).toMatch(/^\/mcp$/)
})
