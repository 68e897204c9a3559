import type { Received } from './receiver'

/**
 * Finds breaches of the promise of webhooks: each transition arrives at least once, its repeats have the same id, and the
 * transitions of a session arrive in order. Transitions into `loading` are not sent.
 */
export class WebhookChecker {
  /** The ids of messages by what they are about, in the order of their first arrival. */
  readonly #ids = new Map<string, string>()
  /** Sequences of each session, in the order of their first arrival. */
  readonly #sessions = new Map<string, number[]>()
  /** Transitions that did not arrive, because another one followed in the same write. */
  readonly #unsent = new Set<string>()
  readonly #faults: string[] = []
  repeats = 0

  take({ type, headers, data }: Received): void {
    const { session_id, sequence, from } = data
    if (session_id === undefined) {
      this.#faults.push(`a webhook lost messages: it received ${type}`)
      return
    }
    const key = `${session_id}#${sequence}`
    const id = headers['webhook-id'] ?? ''
    const known = this.#ids.get(key)
    if (known === id) this.repeats++
    else if (known !== undefined) this.#faults.push(`a webhook duplicated ${key} with another id`)
    if (known !== undefined) return
    this.#ids.set(key, id)
    if (type === 'session.closed') this.#ids.set(`${session_id}#close`, id)
    if (from === 'loading') this.#unsent.add(`${session_id}#${sequence - 1}`)
    this.#sessions.set(session_id, [...(this.#sessions.get(session_id) ?? []), sequence])
  }

  /** Returns those of the acknowledged transitions that have not arrived. */
  missing(acknowledged: { key: string }[]): string[] {
    return acknowledged.map(({ key }) => key).filter(key => !this.#ids.has(key) && !this.#unsent.has(key))
  }

  /** Returns one sentence for each breach. */
  faults(acknowledged: { key: string }[]): string[] {
    const lost = new Set(this.missing(acknowledged))
    const faults = [...this.#faults]
    for (const [session_id, sequences] of this.#sessions) {
      let highest = 0
      for (const sequence of sequences) {
        if (sequence < highest) faults.push(`a webhook reordered ${session_id}#${sequence}`)
        highest = Math.max(highest, sequence)
      }
      for (let sequence = 1; sequence < highest; sequence++) {
        const key = `${session_id}#${sequence}`
        if (!this.#ids.has(key) && !this.#unsent.has(key)) lost.add(key)
      }
    }
    return [...faults, ...[...lost].map(key => `a webhook lost ${key}`)]
  }
}
