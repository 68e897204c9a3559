import { setTimeout as wait } from 'node:timers/promises'
import { DomainError } from '../domain/errors'

const retryMs = 500

/** Does the work again while the store is out of reach and somebody still wants it. */
export async function patiently<T>(work: () => Promise<T>, wanted: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'unavailable' && wanted())) throw error
      await wait(retryMs)
    }
  }
}

/** Lets a bounded number work at once; the others wait and are served in turn. */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#free = limit
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
