import { everyone } from '../../src/domain/caller'
import { SessionQuota } from '../../src/sessions/session-quota'

test('a start that completes while another one counts uses up the quota', async () => {
  const [completed, counted] = [Promise.withResolvers<string>(), Promise.withResolvers<number>()]
  const counts = [Promise.resolve(0), counted.promise, Promise.resolve(1)]
  const quota = new SessionQuota(1, () => counts.shift() as Promise<number>)
  const first = quota.admit('m', everyone, () => completed.promise)
  const second = quota.admit('m', everyone, async () => 'second')
  await Promise.resolve()
  completed.resolve('first')
  expect(await first).toBe('first')
  counted.resolve(0)
  await expect(second).rejects.toMatchObject({ code: 'rate_limited' })
})
