import { lookUp } from '../../../src/capabilities/webhooks/name-lookups'
import { naming } from '../../support/name-server'

const names = naming(name => {
  if (name.endsWith('.silent.test')) return 'silent'
  return name.endsWith('.known.test') ? ['127.0.0.1'] : undefined
})

test('a look-up returns the addresses, and none for an unknown name', async () => {
  expect(await lookUp('a.known.test', names.servers)).toEqual(['127.0.0.1'])
  expect(await lookUp('gone.test', names.servers)).toEqual([])
})

test('a silent name server ends a look-up after at most 5 seconds, and does not delay others', async () => {
  const began = performance.now()
  const silent = Array.from({ length: 100 }, (_, n) => lookUp(`${n}.silent.test`, names.servers))
  expect(await lookUp('a.known.test', names.servers)).toEqual(['127.0.0.1'])
  expect(performance.now() - began).toBeLessThan(2_500)
  expect(new Set((await Promise.all(silent)).flat())).toEqual(new Set())
  expect(performance.now() - began).toBeLessThan(8_000)
}, 20_000)
