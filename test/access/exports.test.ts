import type { Store } from '../../src/db/store'
import { exportsOfOrganisation } from '../../src/sessions/session-queries'
import { owners, sentBy } from '../support/access'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { head, RawClient } from '../support/raw'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { until } from '../support/until'

describe('exports of an organisation', () => {
  const { config, bearer } = issuing()
  const held = Promise.withResolvers<void>()
  let begun = 0
  const server = serving(embeddedDatabase, {
    config,
    store: opened =>
      intercepting<Store>(opened, {
        async *export(filter, signal) {
          begun++
          if (filter.organisation_id === owners.a.organisation_id) await held.promise
          yield* opened.export(filter, signal)
        },
      }),
  })
  const path = `${base}?format=csv`
  const coordinator = (sub: string, organisation_id: string = owners.a.organisation_id) =>
    bearer({ ...people.coordinator, sub, organisation_id })

  test('leave slots for other organisations, however many of its members export', async () => {
    const readers: RawClient[] = []
    for (let i = 0; i < exportsOfOrganisation; i++) {
      const reader = await RawClient.connect(server.url)
      readers.push(reader.send(head(`GET ${path}`, `Authorization: ${coordinator(`member ${i}`)}`)))
    }
    await until(() => begun === exportsOfOrganisation, 20_000, 'the exports of the organisation')
    const exportedBy = (authorization: string) => client(server, sentBy(authorization)).get(path)
    expect(problem(await exportedBy(coordinator('one more')))).toMatchObject({ status: 503, code: 'unavailable' })
    for (const other of [coordinator('other', owners.d.organisation_id), bearer(people.admin)])
      expect((await exportedBy(other)).status).toBe(200)
    held.resolve()
    for (const { socket } of readers) socket.destroy()
  })
})
