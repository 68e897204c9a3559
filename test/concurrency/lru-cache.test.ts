import { LruCache } from '../../src/concurrency/lru-cache'

describe('a cache', () => {
  const keep = (cache: LruCache<string>, ...names: string[]) => {
    for (const name of names) cache.keep(name, name.repeat(1_000))
  }
  const kept = (cache: LruCache<string>, ...names: string[]) => names.filter(name => cache.find(name) !== undefined)

  test('evicts the least recently used entries when it would exceed its size', () => {
    const cache = new LruCache<string>(13_100, text => text.length)
    keep(cache, ...'abcdefghij')
    expect(kept(cache, 'a')).toEqual(['a'])
    keep(cache, 'k', 'l')
    expect(kept(cache, ...'abcdefghijkl')).toEqual([...'adefghijkl'])
  })

  test('counts the size of each entry, refuses an entry that would evict most others, and counts a replaced key once', async () => {
    const cache = new LruCache<string>(1_000_000, text => text.length)
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
