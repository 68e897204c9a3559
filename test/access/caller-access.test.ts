import { CallerAccess } from '../../src/access/caller-access'
import { runAt } from '../../src/concurrency/scheduler'

const at = (ms: number): Promise<void> => new Promise(resolve => runAt(ms, resolve))
const ending = (expires_at?: number) => new CallerAccess(expires_at, 'It has expired.')
const unauthenticated = (message: string) => ({ code: 'unauthenticated', message })

test('the work runs at the expiry, at once if that has passed', async () => {
  const reasons: unknown[] = []
  ending(Date.now() - 1).onEnd(reason => reasons.push(reason))
  expect(reasons).toMatchObject([unauthenticated('It has expired.')])
  const expires_at = Date.now() + 50
  const access = ending(expires_at)
  await Promise.all([1, 2].map(() => new Promise(resolve => access.onEnd(resolve))))
  expect(Date.now()).toBeGreaterThanOrEqual(expires_at)
  expect(() => access.require()).toThrow('It has expired.')
})

test('the work waits for an end that became later, or never comes', async () => {
  const now = Date.now()
  const [later, endless] = [ending(now + 50), ending(now + 50)]
  const ended: string[] = []
  later.onEnd(() => ended.push('later'))
  endless.onEnd(() => ended.push('endless'))
  later.expires_at = now + 200
  endless.expires_at = undefined
  await at(now + 100)
  // The first timers have fired: they were set before this one, for an earlier time.
  if (Date.now() < now + 200) expect(ended).toEqual([])
  await at(now + 250)
  expect(ended).toEqual(['later'])
  expect([later.hasEnded, endless.hasEnded]).toEqual([true, false])
})

test('the work runs once when the access is revoked, unless it was cancelled', () => {
  const access = ending()
  const ended: string[] = []
  access.onEnd(() => ended.push('kept'))
  access.onEnd(() => ended.push('cancelled'))()
  access.require()
  access.revoke()
  access.revoke()
  access.onEnd(({ message }) => ended.push(message))
  const reason = 'The service key was revoked, or its rights have changed.'
  expect(ended).toEqual(['kept', reason])
  expect(() => access.require()).toThrow(reason)
})
