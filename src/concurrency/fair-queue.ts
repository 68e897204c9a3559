import { DomainError } from '../domain/errors'

/**
 * Principal and connection for which an item is queued. In a fair queue, principals take turns, and so do each
 * principal's connections.
 */
export interface Requester {
  /** Key of the principal (see `principalKey`). */
  principal: string
  /** Object that represents the connection or request. Fair queues compare these objects by identity. */
  connection: object
}

export const newRequester = (principal = ''): Requester => ({ principal, connection: {} })

interface Items<T> {
  size: number
  connections: Map<object, Set<T>>
}

/**
 * Size limit of a fair queue. A new item in a full queue displaces the latest item of the principal with the most
 * items.
 */
export interface Bound<T> {
  waiting: number
  /** Whether an item can be displaced by a new item. By default, every item can be displaced. */
  mayRefuse?: (item: T) => boolean
  /** Called with an item that was displaced by a new item. */
  refuse: (item: T) => void
}

/**
 * Queue in which principals take turns, and so do each principal's connections. A connection's items leave the queue in
 * order of arrival. Each queue operation takes constant time, unless its documentation says otherwise.
 */
export class FairQueue<T> {
  /**
   * The queued items by principal and connection. The principals are ordered by their next turns, and so are each
   * principal's connections.
   */
  readonly #principals = new Map<string, Items<T>>()
  #size = 0

  /** Creates a queue. Without `bound`, the queue accepts any number of items. */
  constructor(readonly bound?: Bound<T>) {}

  get size(): number {
    return this.#size
  }

  sizeOf(principal: string): number {
    return this.#principals.get(principal)?.size ?? 0
  }

  /** Adds an item after the other items of the same connection. The same item can be queued for several requesters. */
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
   * Returns the next item without removing it. Skips principals for which `mayServe` returns false, which takes time
   * linear in the number of skipped principals.
   */
  peek(mayServe: (principal: string) => boolean = () => true): { requester: Requester; item: T } | undefined {
    for (const [principal, { connections }] of this.#principals) {
      if (!mayServe(principal)) continue
      const [[connection, items] = []] = connections
      const [item] = items ?? []
      return { requester: { principal, connection: connection as object }, item: item as T }
    }
    return undefined
  }

  /**
   * Removes and returns the next item. The next turn then belongs to another principal, if any other principal has
   * items.
   */
  shift(mayServe?: (principal: string) => boolean): { requester: Requester; item: T } | undefined {
    const next = this.peek(mayServe)
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
   * Makes room for one more item from a principal. Call `makeRoomFor` before `push`. If the queue is full, removes an
   * item from the principal with the most items: the latest item of the connection whose turn comes last. Throws
   * unavailable if no other principal has more items than `principal` would have with the new item, or if none of the
   * items can be removed. For a full queue, `makeRoomFor` takes time linear in the number of principals plus the number
   * of items of the principal with the most items. `waiting` is the number of items that count towards the queue's size
   * limit.
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
