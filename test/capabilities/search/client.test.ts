import { SessionsClient } from '../../../packages/client/src/index'
import { clientInputs as inputs } from '../../support/inputs'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const server = serving(embeddedDatabase)

test('mentors, organisations and sessions are found by the beginnings of words', async () => {
  const client = new SessionsClient({ url: server.url })
  const { session } = await client.startSession({
    mentorId: 'findable_1',
    organisationId: 'findable',
    inputs: { ...inputs, label: 'Año findable' },
  })
  expect(await client.find('ANO FIND')).toEqual({
    mentors: [],
    organisations: [],
    sessions: [session],
    complete: true,
  })
  const { mentors, organisations } = await client.find('findable', { filter: { organisationId: 'findable' }, first: 1 })
  expect([mentors, organisations]).toMatchObject([[{ id: 'findable_1', sessions: 1 }], [{ id: 'findable' }]])
})
