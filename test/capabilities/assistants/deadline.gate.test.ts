import { intercepting } from '../../support/intercepting'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { overGenerations } from './assistants'

const server = serving(embeddedDatabase, {
  store: opened => intercepting(opened, { sessions: { withResult: () => new Promise(() => {}) } }),
  config: { MCP: 'read' },
})

overGenerations(server, assistant => {
  test('a tool whose store never answers is unavailable after the time limit of a request', async () => {
    expect(await assistant.call('get_session', { session_id: 'any' })).toMatchObject({ code: 'unavailable' })
  })
})
