import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkQueue } from '../../../src/capabilities/webhooks/work-queue'
import { newRequester } from '../../../src/concurrency/fair-queue'

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
    const [first, second, honest] = [newRequester('noisy'), newRequester('noisy'), newRequester('honest')]
    for (const n of [1, 2, 3]) queue.request(first, work(`first ${n}`))
    queue.request(second, work('second'))
    expect(await settled()).toEqual(['first 1', 'second'])
    queue.request(honest, work('honest 1'))
    queue.request(honest, work('honest 2'))
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

  test('work that waits is queued once, and runs no more once it is cancelled', async () => {
    const { work, ends, settled } = works()
    const queue = new WorkQueue({ atOnce: 1, ofPrincipal: 1 })
    const requester = newRequester()
    queue.request(requester, work('running'))
    await settled()
    const [waiting, cancelled] = [work('waiting'), work('cancelled')]
    for (const one of [waiting, cancelled, waiting]) queue.request(requester, one)
    queue.cancel(requester, cancelled)
    for (let n = 0; n < 2; n++) {
      ends[n]?.()
      await settled()
    }
    expect(await settled()).toEqual(['running', 'waiting'])
  })
})
