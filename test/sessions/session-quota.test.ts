import { type Caller, everyone } from '../../src/domain/caller'
import { SessionQuota } from '../../src/sessions/session-quota'

const of = (organisation_id: string | null) => ({ mentor_id: 'm', organisation_id })
const coordinatorOf = (organisation_id: string): Caller => ({ ...everyone, scope: { organisation_id } })
const limited = { code: 'limit_reached' }

test('a start that completes while another one counts uses up the quota', async () => {
  const [completed, counted] = [Promise.withResolvers<string>(), Promise.withResolvers<number>()]
  const counts = [Promise.resolve(0), counted.promise, Promise.resolve(1)]
  const quota = new SessionQuota(1, () => counts.shift() as Promise<number>)
  const first = quota.admit(of(null), everyone, () => completed.promise)
  const second = quota.admit(of(null), everyone, async () => 'second')
  await Promise.resolve()
  completed.resolve('first')
  expect(await first).toBe('first')
  counted.resolve(0)
  await expect(second).rejects.toMatchObject(limited)
})

test('a start in progress counts for every caller that may see the session, and for no other', async () => {
  const completed = Promise.withResolvers<string>()
  const quota = new SessionQuota(1, async () => 0)
  const first = quota.admit(of('org_a'), coordinatorOf('org_a'), () => completed.promise)
  const start = async () => 'started'
  await expect(quota.admit(of('org_a'), everyone, start)).rejects.toMatchObject(limited)
  await expect(quota.admit(of('org_b'), everyone, start)).rejects.toMatchObject(limited)
  expect(await quota.admit(of('org_b'), coordinatorOf('org_b'), start)).toBe('started')
  expect(await quota.admit({ mentor_id: 'other', organisation_id: 'org_a' }, everyone, start)).toBe('started')
  completed.resolve('first')
  await first
})

test('a start that completes in another scope while a caller counts is counted', async () => {
  const [completed, counted] = [Promise.withResolvers<string>(), Promise.withResolvers<number>()]
  const counts = [Promise.resolve(0), counted.promise, Promise.resolve(1)]
  const quota = new SessionQuota(1, () => counts.shift() as Promise<number>)
  const first = quota.admit(of('org_a'), coordinatorOf('org_a'), () => completed.promise)
  const second = quota.admit(of('org_a'), everyone, async () => 'second')
  await Promise.resolve()
  completed.resolve('first')
  await first
  counted.resolve(0)
  await expect(second).rejects.toMatchObject(limited)
})
