import { Cache } from '../src/resolvers/cache'
import { Documents } from '../src/resolvers/documents'
import { schema } from '../src/resolvers/schema'
import { Lanes } from '../src/sessions/lanes'
import { Deadline } from '../src/time/deadline'

test('a thousand changes of one session wait behind each other, and one more is told that it cannot', async () => {
  const lanes = new Lanes()
  const take = <T>(name: string, work: () => Promise<T>): Promise<T> => lanes.take(name, new Deadline(), work)
  const order: number[] = []
  let open = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const waiting = Array.from({ length: 1_000 }, (_, i) =>
    take('session', async () => {
      await gate
      order.push(i)
    }),
  )
  await expect(take('session', async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  await expect(take('another session', async () => 'served')).resolves.toBe('served')
  open()
  await Promise.all(waiting)
  expect(order).toEqual(order.map((_, i) => i))
  await expect(take('session', async () => 'served')).resolves.toBe('served')
})

test('a document is parsed once while those used after it take no more memory than is allowed', async () => {
  const documents = new Documents(schema)
  const large = (i: number): string => `query Number${i} { __typename } ${'#\n'.repeat(1_000)}`
  const first = await documents.admit('{ __typename }', {})
  for (let i = 0; i < 20; i++) await documents.admit(large(i), {})
  expect(await documents.admit('{ __typename }', {})).toBe(first)
  for (let i = 0; i < 200; i++) await documents.admit(large(i), {})
  const again = await documents.admit('{ __typename }', {})
  expect(again).not.toBe(first)
  expect(again).toEqual(first)
})

describe('a cache', () => {
  const keep = (cache: Cache<string>, ...names: string[]) => {
    for (const name of names) cache.keep(name, name.repeat(1_000))
  }
  const held = (cache: Cache<string>, ...names: string[]) => names.filter(name => cache.find(name) !== undefined)

  test('forgets what was used longest ago where it would be larger than it may', () => {
    const cache = new Cache<string>(13_100, text => text.length)
    keep(cache, ...'abcdefghij')
    expect(held(cache, 'a')).toEqual(['a'])
    keep(cache, 'k', 'l')
    expect(held(cache, ...'abcdefghijkl')).toEqual([...'adefghijkl'])
  })

  test('counts what each entry takes, keeps none that would push most others out, and a value again once', async () => {
    const cache = new Cache<string>(1_000_000, text => text.length)
    for (let i = 0; i < 10_000; i++) await cache.set(`key${i}`, 'x')
    expect(await cache.get('key0')).toBeUndefined()
    expect(await cache.get('key9999')).toBe('x')
    await cache.set('large', 'x'.repeat(200_000))
    expect(await cache.get('large')).toBeUndefined()
    expect(await cache.get('key9999')).toBe('x')
    for (let i = 0; i < 10_000; i++) await cache.set('same', 'x')
    expect(await cache.get('key9998')).toBe('x')
    expect(await cache.delete('same')).toBe(true)
    expect(await cache.get('same')).toBeUndefined()
  })
})
