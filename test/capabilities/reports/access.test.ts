import { sentBy } from '../../support/access'
import { inputs } from '../../support/inputs'
import { done, graphqlApi, refused, restApi } from '../../support/interfaces'
import { type Server, serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { issuing, people } from '../../support/tokens'
import { type ReportRequest, withReports } from './api'

const request = (more: ReportRequest = {}): ReportRequest => ({
  title: 'Report',
  from: '2000-01',
  to: '2009-12',
  ...more,
})
const period = { from: '2005-01-01', to: '2005-03-31' }

overStores(({ newDatabase }) => {
  const { config, bearer } = issuing()
  const server: Server = serving(newDatabase, { config })

  describe.each([
    ['REST', restApi],
    ['GraphQL', graphqlApi],
  ])('over %s', (_, apiOf) => {
    const as = (claims?: object) => withReports(apiOf(server, sentBy(claims && bearer(claims))))

    beforeAll(async () => {
      const admin = as(people.admin)
      for (const organisation_id of ['org_1', 'org_2']) {
        const { session } = done(await admin.start({ mentor_id: 'mentor_1', organisation_id }))
        done(await admin.dispatch(session.session_id, 'CalculateRequested', { ...inputs, period }))
      }
    })
    afterAll(async () => {
      const admin = as(people.admin)
      const { data } = { data: done(await admin.list()).sessions }
      for (const { session_id } of data) done(await admin.close(session_id))
    })

    test('a report of a coordinator is about its organisation only, which is filled in', async () => {
      const [admin, coordinator] = [as(people.admin), as(people.coordinator)]
      const { report } = done(await coordinator.shareReport(request()))
      const shown = done(await as().sharedReport(report.token)).shared
      expect(shown).toMatchObject({ organisation_id: people.coordinator.organisation_id, results: 1, mentors: 1 })
      const ofMentor = done(await coordinator.shareReport(request({ mentor_id: 'mentor_1' }))).report
      expect(done(await as().sharedReport(ofMentor.token)).shared).toMatchObject({
        organisation_id: 'org_1',
        results: 1,
      })
      const ofAll = done(await admin.shareReport(request())).report
      const { shared } = done(await as().sharedReport(ofAll.token))
      expect(shared).toMatchObject({ results: 2, mentors: 1 })
      expect(shared).not.toHaveProperty('organisation_id')
      expect(await coordinator.shareReport(request({ organisation_id: 'org_2' }))).toEqual(refused('forbidden'))
    })

    test('a coordinator lists and revokes the reports of its organisation only', async () => {
      const [admin, coordinator] = [as(people.admin), as(people.coordinator)]
      const reports = [{ organisation_id: 'org_1' }, { organisation_id: 'org_2' }, {}]
      const [own, foreign, all] = await Promise.all(
        reports.map(async more => done(await admin.shareReport(request(more))).report),
      )
      const idsFor = async (api: typeof admin) => done(await api.reports()).reports.map(({ report_id }) => report_id)
      expect(await idsFor(admin)).toEqual(expect.arrayContaining([own, foreign, all].map(report => report?.report_id)))
      const listed = await idsFor(coordinator)
      expect(listed).toContain(own?.report_id)
      for (const report of [foreign, all]) {
        expect(listed).not.toContain(report?.report_id)
        expect(await coordinator.revokeReport(report?.report_id ?? '')).toEqual(refused('share_not_found'))
        expect((await as().sharedReport(report?.token ?? '')).ok).toBe(true)
      }
      done(await coordinator.revokeReport(own?.report_id ?? ''))
      expect(await as().sharedReport(own?.token ?? '')).toEqual(refused('share_gone'))
    })

    test.each([people.mentor, people.free, people.reader])('$name can neither share, list nor revoke', async claims => {
      const api = as(claims)
      const { report_id, token } = done(
        await as(people.admin).shareReport(request({ organisation_id: 'org_1' })),
      ).report
      expect(await api.shareReport(request())).toEqual(refused('forbidden'))
      expect(await api.reports()).toEqual(refused('forbidden'))
      expect(await api.revokeReport(report_id)).toEqual(refused('forbidden'))
      expect((await api.sharedReport(token)).ok).toBe(true)
    })
  })
})
