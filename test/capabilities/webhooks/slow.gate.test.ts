import { done, restDoor } from '../../support/interfaces'
import { embeddedDatabase } from '../../support/stores'
import { delivering } from './delivering'
import { silent } from './receiver'

describe('an attempt', () => {
  const { at, created, becomes, server } = delivering(embeddedDatabase)

  test('fails after 15 seconds without a response', async () => {
    at.receiver.answer = silent
    const { endpoint_id } = await created(at.receiver.urlAt())
    done(await restDoor(server).start({ mentor_id: 'm' }))
    await at.receiver.got(1)
    const began = performance.now()
    const { last_failure } = await becomes(endpoint_id, ({ last_failure }) => last_failure !== null, 30_000)
    expect(last_failure).toMatchObject({ status: null, error: 'timed_out' })
    expect(performance.now() - began).toBeGreaterThan(14_000)
  })
})
