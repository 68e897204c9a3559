import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkQueue } from '../../../src/capabilities/webhooks/work-queue'
import { newRequester, type Requester } from '../../../src/concurrency/fair-queue'

describe('a work queue', () => {
  /** Work that ends when it is told to, and records that it began. */
  function works() {
    const begun: string[] = []
    const ends: (() => void)[] = []
    const work = (name: string) => (): Promise<void> => {
      begun.push(name)
      return new Promise(resolve => void ends.push(resolve))
    }
    const settled = async (): Promise<string[]> => {
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      return begun
    }
    return { work, ends, settled }
  }

  test('organisations take turns, then their endpoints; one organisation holds only some of the slots', async () => {
    const { work, ends, settled } = works()
    const queue = new WorkQueue({ atOnce: 3, ofPrincipal: 2 })
    const request = (...[requester, work]: [Requester, () => Promise<void>]) =>
      void queue.run(requester, new AbortController().signal, work)
    const [first, second, honest] = [newRequester('noisy'), newRequester('noisy'), newRequester('honest')]
    for (const n of [1, 2, 3]) request(first, work(`first ${n}`))
    request(second, work('second'))
    expect(await settled()).toEqual(['first 1', 'second'])
    request(honest, work('honest 1'))
    request(honest, work('honest 2'))
    expect(await settled()).toEqual(['first 1', 'second', 'honest 1'])
    ends[0]?.()
    expect((await settled()).slice(3)).toEqual(['first 2'])
    ends[1]?.()
    expect((await settled()).slice(4)).toEqual(['honest 2'])
  })

  test('work whose signal is aborted before its turn does not run, and work that has begun ends', async () => {
    const { work, ends, settled } = works()
    const queue = new WorkQueue({ atOnce: 1, ofPrincipal: 1 })
    const [requester, ending] = [newRequester(), new AbortController()]
    const run = (name: string) =>
      queue.run(requester, ending.signal, async () => {
        await work(name)()
        return name
      })
    const outcomes = Promise.all([run('running'), run('waiting')])
    expect(await settled()).toEqual(['running'])
    ending.abort()
    ends[0]?.()
    expect(await outcomes).toEqual(['running', undefined])
    expect(await run('late')).toBeUndefined()
    expect(await settled()).toEqual(['running'])
  })
})
