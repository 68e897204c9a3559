import { CoalescedReads } from '../../src/concurrency/coalesced-reads'

test('a stuck read does not delay later requests for the same', async () => {
  const reads = new CoalescedReads()
  const never = reads.get('list', () => new Promise<never>(() => {}))
  never.catch(() => {})
  let made = 0
  const read = async () => ++made
  expect(await Promise.all([reads.get('list', read), reads.get('list', read)])).toEqual([1, 1])
  expect(await reads.get('list', read)).toBe(2)
})
