import { setImmediate } from 'node:timers/promises'
import { Deadline } from '../../src/concurrency/deadline'
import { type Caller, everyone } from '../../src/domain/caller'
import { SessionQuota } from '../../src/sessions/session-quota'

const of = (organisation_id: string | null) => ({ mentor_id: 'm', organisation_id })
const coordinatorOf = (organisation_id: string): Caller => ({ ...everyone, scope: { organisation_id } })
const deadline = new Deadline()
afterAll(() => deadline.end())
const limited = { code: 'limit_reached' }

test('a start that completes while another one counts uses up the quota', async () => {
  const [completed, counted] = [Promise.withResolvers<string>(), Promise.withResolvers<number>()]
  const counts = [Promise.resolve(0), counted.promise, Promise.resolve(1)]
  const quota = new SessionQuota(1, () => counts.shift() as Promise<number>)
  const first = quota.admit(of(null), { caller: everyone, deadline }, () => completed.promise)
  const second = quota.admit(of(null), { caller: everyone, deadline }, async () => 'second')
  await Promise.resolve()
  completed.resolve('first')
  expect(await first).toBe('first')
  counted.resolve(0)
  await expect(second).rejects.toMatchObject(limited)
})

test('a start in progress counts for every caller that may see the session, and for no other', async () => {
  const completed = Promise.withResolvers<string>()
  const quota = new SessionQuota(1, async () => 0)
  const first = quota.admit(of('org_a'), { caller: coordinatorOf('org_a'), deadline }, () => completed.promise)
  const start = async () => 'started'
  await expect(quota.admit(of('org_a'), { caller: everyone, deadline }, start)).rejects.toMatchObject(limited)
  await expect(quota.admit(of('org_b'), { caller: everyone, deadline }, start)).rejects.toMatchObject(limited)
  expect(await quota.admit(of('org_b'), { caller: coordinatorOf('org_b'), deadline }, start)).toBe('started')
  expect(
    await quota.admit({ mentor_id: 'other', organisation_id: 'org_a' }, { caller: everyone, deadline }, start),
  ).toBe('started')
  completed.resolve('first')
  await first
})

test('a start that completes in another scope while a caller counts is counted', async () => {
  const [completed, counted] = [Promise.withResolvers<string>(), Promise.withResolvers<number>()]
  const counts = [Promise.resolve(0), counted.promise, Promise.resolve(1)]
  const quota = new SessionQuota(1, () => counts.shift() as Promise<number>)
  const first = quota.admit(of('org_a'), { caller: coordinatorOf('org_a'), deadline }, () => completed.promise)
  const second = quota.admit(of('org_a'), { caller: everyone, deadline }, async () => 'second')
  await Promise.resolve()
  completed.resolve('first')
  await first
  counted.resolve(0)
  await expect(second).rejects.toMatchObject(limited)
})

test('a start whose deadline passes while it counts is refused, and counts no more', async () => {
  const counts = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
  let counted = 0
  const quota = new SessionQuota(2, () => (counts[counted++] as PromiseWithResolvers<number>).promise)
  const late = new Deadline()
  const [first, second] = [
    quota.admit(of(null), { caller: everyone, deadline }, async () => 'first'),
    quota.admit(of(null), { caller: everyone, deadline: late }, async () => 'second'),
  ]
  late.pass()
  await expect(second).rejects.toMatchObject({ code: 'unavailable' })
  counts[0]?.resolve(0)
  expect(await first).toBe('first')
  counts[1]?.resolve(0)
  await setImmediate()
  expect(counted).toBe(2)
})
