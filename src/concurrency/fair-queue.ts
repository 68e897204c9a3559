import { DomainError } from '../domain/errors'

/** Sender of work. Fair queues take turns by principal, then by connection. */
export interface Requester {
  /** See `principalKey`. */
  principal: string
  /** The connection or the request, compared by identity. */
  connection: object
}

export const newRequester = (principal = ''): Requester => ({ principal, connection: {} })

interface Items<T> {
  size: number
  connections: Map<object, Set<T>>
}

/**
 * Bound of a queue. If the queue is full, a new item displaces the latest item of the principal with the most items.
 */
export interface Bound<T> {
  waiting: number
  /** Whether an item may be removed to make room. If absent, every item may be. */
  mayRefuse?: (item: T) => boolean
  /** Called with an item that was removed to make room. */
  refuse: (item: T) => void
}

/**
 * Queue that serves principals in turn, and the connections of each principal in turn. Items of one connection leave in
 * order of arrival. Each operation takes constant time, unless stated otherwise.
 */
export class FairQueue<T> {
  /** Principals in the order of their next turns. Each has connections, and each connection has items. */
  readonly #principals = new Map<string, Items<T>>()
  #size = 0

  /** Without a bound, the queue accepts any number of items. */
  constructor(readonly bound?: Bound<T>) {}

  get size(): number {
    return this.#size
  }

  sizeOf(principal: string): number {
    return this.#principals.get(principal)?.size ?? 0
  }

  /** Adds an item behind the other items of its connection. An item may be queued for several requesters. */
  push({ principal, connection }: Requester, item: T): void {
    const waiting: Items<T> = this.#principals.get(principal) ?? { size: 0, connections: new Map() }
    const items = waiting.connections.get(connection) ?? new Set()
    if (items.has(item)) return
    this.#principals.set(principal, waiting)
    waiting.connections.set(connection, items.add(item))
    waiting.size++
    this.#size++
  }

  delete({ principal, connection }: Requester, item: T): boolean {
    const waiting = this.#principals.get(principal)
    const items = waiting?.connections.get(connection)
    if (!waiting || !items?.delete(item)) return false
    if (items.size === 0) waiting.connections.delete(connection)
    if (--waiting.size === 0) this.#principals.delete(principal)
    this.#size--
    return true
  }

  /**
   * Returns the next item without removing it. Skips the principals that `mayTake` excludes, in time linear in their
   * number.
   */
  peek(mayTake: (principal: string) => boolean = () => true): { requester: Requester; item: T } | undefined {
    for (const [principal, { connections }] of this.#principals) {
      if (!mayTake(principal)) continue
      const [[connection, items] = []] = connections
      const [item] = items ?? []
      return { requester: { principal, connection: connection as object }, item: item as T }
    }
    return undefined
  }

  /** Removes and returns the next item. The next turn goes to another principal, if one has items. */
  shift(mayTake?: (principal: string) => boolean): { requester: Requester; item: T } | undefined {
    const next = this.peek(mayTake)
    if (!next) return undefined
    const { principal, connection } = next.requester
    this.delete(next.requester, next.item)
    const waiting = this.#principals.get(principal)
    if (!waiting) return next
    this.#principals.delete(principal)
    this.#principals.set(principal, waiting)
    const items = waiting.connections.get(connection)
    if (items && waiting.connections.delete(connection)) waiting.connections.set(connection, items)
    return next
  }

  /**
   * Makes room for one more item of a principal. Call it before you add the item. If the queue is full, it refuses one
   * item of the principal with the most items: the latest item of the connection whose turn is last. Throws unavailable
   * if the caller would then have at least as many items as that principal, or if none of that principal's items may be
   * refused. With a full queue, this call takes time linear in the number of principals and of that principal's items.
   * `waiting` is the number of items that count towards the bound.
   */
  makeRoomFor(principal: string, waiting = this.#size): void {
    if (!this.bound || waiting < this.bound.waiting) return
    const { mayRefuse = () => true, refuse } = this.bound
    let most = principal
    let { size, connections }: Items<T> = { size: this.sizeOf(principal) + 1, connections: new Map() }
    for (const [principal, items] of this.#principals) {
      if (items.size > size) [most, { size, connections }] = [principal, items]
    }
    for (const [connection, items] of [...connections].reverse()) {
      const item = [...items].findLast(mayRefuse)
      if (item === undefined) continue
      this.delete({ principal: most, connection }, item)
      refuse(item)
      return
    }
    throw new DomainError('unavailable')
  }
}
