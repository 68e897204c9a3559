import {
  failuresRemembered,
  lookupsAtOnce,
  lookupsOfOrganisation,
  lookupsWaiting,
  NameLookups,
} from '../../../src/capabilities/webhooks/name-lookups'
import { waitsByPlace } from '../../../src/concurrency/waits'
import { naming } from '../../support/name-server'
import { until } from '../../support/until'

const names = naming(name => {
  if (name.endsWith('.silent.test')) return 'silent'
  return name.endsWith('.known.test') ? ['127.0.0.1'] : undefined
})
let endpoints = 0
const lookups = new NameLookups(names.servers)
const waiting = () => waitsByPlace().name_lookup

/** Looks a name up for an endpoint of its own. */
function finding(hostname: string, organisation_id: string, by = lookups) {
  const controller = new AbortController()
  const endpoint = { endpoint_id: `we_${endpoints++}`, organisation_id }
  return { found: by.find(hostname, endpoint, controller.signal), leave: () => controller.abort() }
}

const addressesOf = async ({ found }: ReturnType<typeof finding>): Promise<string[] | undefined> =>
  (await found)?.addresses

/** Names that the server was asked for since. */
function asking() {
  const before = names.asked.length
  return () => new Set(names.asked.slice(before))
}

test('silent names of one organisation take their own places only, and fail in time', async () => {
  const asked = asking()
  const hostile = Array.from({ length: 20 }, (_, n) => finding(`a${n}.silent.test`, 'hostile'))
  await until(() => asked().size === lookupsOfOrganisation, 10_000, 'the look-ups')
  expect(await addressesOf(finding('a.known.test', 'honest'))).toEqual(['127.0.0.1'])
  const [first] = hostile
  const running = hostile.slice(0, lookupsOfOrganisation)
  for (const { leave } of hostile.slice(lookupsOfOrganisation)) leave()
  const left = await Promise.all(hostile.slice(lookupsOfOrganisation).map(addressesOf))
  expect(new Set(left)).toEqual(new Set([undefined]))
  expect(waiting()).toBe(0)
  expect(new Set((await Promise.all(running.map(addressesOf))).flat())).toEqual(new Set())
  expect(asked().size).toBe(lookupsOfOrganisation + 1)
  // An attempt's time begins with its look-up.
  expect((await first?.found)?.began).toBeInstanceOf(Date)
}, 20_000)

test('a failure is remembered for a short time', async () => {
  const ask = () => addressesOf(finding('gone.test', 'o'))
  const times = () => names.asked.filter(name => name === 'gone.test').length
  expect(await ask()).toEqual([])
  expect(await ask()).toEqual([])
  expect(times()).toBe(1)
  const asksAgain = async () => {
    await ask()
    return times() === 2
  }
  await until(asksAgain, 20_000, 'the next look-up')
})

test('a limited number of failures is remembered', async () => {
  const ask = async (n: number) => expect(await addressesOf(finding(`${n}.gone.test`, `o${n % 20}`))).toEqual([])
  for (let n = 0; n <= failuresRemembered; n += lookupsAtOnce)
    await Promise.all(Array.from({ length: lookupsAtOnce }, (_, i) => ask(n + i)))
  await ask(0)
  expect(names.asked.filter(name => name === '0.gone.test')).toHaveLength(2)
})

test('look-ups of all organisations are limited at once and in the queue, and a refused one gets no attempt', async () => {
  const by = new NameLookups(names.servers)
  const asked = asking()
  const running = Array.from({ length: lookupsAtOnce }, (_, n) => finding(`b${n}.silent.test`, `o${n % 20}`, by))
  await until(() => asked().size === lookupsAtOnce, 10_000, 'the look-ups')
  const queued = Array.from({ length: lookupsWaiting }, (_, n) => finding(`c${n}.silent.test`, 'greedy', by))
  expect(await addressesOf(finding('c.silent.test', 'greedy', by))).toBeUndefined()
  // Another organisation gets the place of the latest.
  const other = finding('other.known.test', 'other', by)
  expect(await addressesOf(queued.at(-1) as (typeof queued)[0])).toBeUndefined()
  expect(asked().size).toBe(lookupsAtOnce)
  for (const { leave } of [...queued, ...running, other]) leave()
  await Promise.all([...queued, ...running, other].map(addressesOf))
  expect(waiting()).toBe(0)
})
