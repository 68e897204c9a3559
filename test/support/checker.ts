/** A transition as its writer or its subscriber knows it: REST's PUT tells the sequence alone, its DELETE the event alone. */
export interface Fact {
  session_id: string
  sequence?: number
  event?: string
}

export interface Delivered extends Fact {
  sequence: number
  event: string
  /** Where the feed stands after it; a session's own stream has none. */
  cursor?: string
}

interface Acknowledged {
  key: string
  fact: Fact
  /** How many requests had been made before the one that this answers. */
  asked: number
}

const keysOf = ({ session_id, sequence, event }: Fact): string[] => [
  ...(sequence === undefined ? [] : [`${session_id}#${sequence}`]),
  ...(event === 'SessionClosed' ? [`${session_id}#close`] : []),
]

/** What one subscriber was told, over however many connections. */
export class Heard {
  readonly deliveries: { told: Delivered; gapsBefore: number }[] = []
  /** When each delivery came, in milliseconds of `performance.now()`. */
  readonly times: number[] = []
  readonly keys = new Set<string>()
  readonly faults: string[] = []
  gaps = 0
  /** What was asked for from then on must be delivered; nothing has to be before the first `ready`. */
  from = Number.POSITIVE_INFINITY
  #ready = false
  #gapBefore = false

  constructor(
    readonly name: string,
    readonly checker: Checker,
    readonly expects: { gaps?: number; session_id?: string },
  ) {}

  /** A new connection, which must begin with `ready`, or with `gap` and then `ready`. */
  connected(): void {
    this.#ready = this.expects.session_id !== undefined
    this.#gapBefore = false
    if (this.#ready && this.from === Number.POSITIVE_INFINITY) this.from = this.checker.asked
  }

  ready(): void {
    if (this.#ready && !this.#gapBefore) this.faults.push('was told ready twice')
    if (this.from === Number.POSITIVE_INFINITY || this.#gapBefore) this.from = this.checker.asked
    this.#ready = true
    this.#gapBefore = false
  }

  gap(): void {
    if (this.#gapBefore) this.faults.push('was told of a gap and then of another, without ready')
    this.gaps++
    this.#gapBefore = true
  }

  transition(told: Delivered): void {
    if (!this.#ready || this.#gapBefore) this.faults.push(`was told of ${keysOf(told)[0]} before ready`)
    this.deliveries.push({ told, gapsBefore: this.gaps })
    this.times.push(performance.now())
    for (const key of keysOf(told)) this.keys.add(key)
  }

  #isMissing({ key, asked, fact }: Acknowledged): boolean {
    const { session_id } = this.expects
    return asked >= this.from && !this.keys.has(key) && (session_id ?? fact.session_id) === fact.session_id
  }

  /** What was acknowledged and must have been delivered, but was not. */
  get missing(): string[] {
    return this.checker.acknowledgements.filter(one => this.#isMissing(one)).map(({ key }) => key)
  }

  get isComplete(): boolean {
    return !this.checker.acknowledgements.findLast(one => this.#isMissing(one))
  }

  /** It was told of what had been acknowledged so far, by the first `acknowledged` answers. */
  hasHeard(acknowledged: number): boolean {
    const { acknowledgements } = this.checker
    for (let i = acknowledged - 1; i >= 0; i--) if (this.#isMissing(acknowledgements[i] as Acknowledged)) return false
    return true
  }
}

/**
 * Knows every acknowledged write and every delivery, and says what of the promise was broken: each write once, in order
 * within its session, and on the feed in one order for all subscribers, with cursors that only grow.
 */
export class Checker {
  readonly acknowledgements: Acknowledged[] = []
  readonly subscribers: Heard[] = []
  asked = 0
  readonly #known = new Map<string, Fact>()
  readonly #twice: string[] = []

  /** To be called as a write is asked for; what it returns, with the transitions that the answer acknowledges. */
  asks(): (...facts: Fact[]) => void {
    const asked = this.asked++
    return (...facts) => {
      for (const fact of facts) for (const key of keysOf(fact)) this.#acknowledge({ key, fact, asked })
    }
  }

  /** REST's PUT tells the sequence of an earlier write where it changed nothing: who told the event has made a write. */
  #acknowledge(one: Acknowledged): void {
    const known = this.#known.get(one.key)
    if (known?.event && one.fact.event) this.#twice.push(`${one.key} was acknowledged to two writers: one of them lost`)
    if (!known?.event) this.#known.set(one.key, one.fact)
    if (!known) this.acknowledgements.push(one)
  }

  /** A new subscriber of the feed, or of one session; it must be told of as many gaps as it `expects`, by default none. */
  subscriber(name: string, expects: { gaps?: number; session_id?: string } = {}): Heard {
    const heard = new Heard(name, this, expects)
    this.subscribers.push(heard)
    return heard
  }

  /** Everything that must have been delivered was. */
  get complete(): boolean {
    return this.subscribers.every(({ isComplete }) => isComplete)
  }

  get counts(): { writes: number; deliveries: number } {
    const deliveries = this.subscribers.reduce((sum, heard) => sum + heard.deliveries.length, 0)
    return { writes: this.acknowledgements.length, deliveries }
  }

  /** A sentence for each breach. */
  faults(): string[] {
    const found = this.subscribers.flatMap(heard =>
      [...heard.faults, ...gapFaults(heard), ...sessionFaults(heard), ...cursorFaults(heard)].map(
        fault => `${heard.name} ${fault}`,
      ),
    )
    return [...found, ...this.#twice, ...this.#differences(), ...this.#contradictions()]
  }

  /** Two subscribers of one feed that disagree about the order or the cursor of what both were told. */
  #differences(): string[] {
    const feeds = this.subscribers.filter(({ expects }) => expects.session_id === undefined)
    const longest = feeds.reduce<Heard | undefined>(
      (a, b) => (a && a.deliveries.length >= b.deliveries.length ? a : b),
      undefined,
    )
    const order = new Map(longest?.deliveries.map(({ told }, place) => [keysOf(told)[0] as string, { told, place }]))
    return feeds.flatMap(heard => {
      const faults: string[] = []
      let last = -1
      for (const { told } of heard.deliveries) {
        const key = keysOf(told)[0] as string
        const same = order.get(key)
        if (!same) continue
        if (same.place < last) faults.push(`${heard.name} was told of ${key} in another order than ${longest?.name}`)
        last = Math.max(last, same.place)
        const [mine, theirs] = [told.cursor ?? '', same.told.cursor ?? '']
        if (mine.endsWith('.0') && theirs.endsWith('.0') && mine !== theirs) {
          faults.push(`${heard.name} was told another cursor of ${key} than ${longest?.name}`)
        }
      }
      return faults
    })
  }

  /** A delivery whose event is not what its writer was answered. */
  #contradictions(): string[] {
    return this.subscribers.flatMap(heard =>
      heard.deliveries.flatMap(({ told }) => {
        const key = keysOf(told)[0] as string
        const event = this.#known.get(key)?.event
        return event && event !== told.event ? [`${heard.name} was told ${told.event} of ${key}, a ${event}`] : []
      }),
    )
  }
}

function gapFaults({ gaps, expects: { gaps: expected = 0 } }: Heard): string[] {
  return gaps === expected ? [] : [`was told of ${gaps} gaps, not of ${expected}`]
}

function sessionFaults(heard: Heard): string[] {
  const faults: string[] = []
  const sessions = new Map<string, { highest: number; gapsBefore: number }>()
  const seen = new Set<string>()
  const lost = new Set(heard.missing)
  for (const { told, gapsBefore } of heard.deliveries) {
    const { session_id, sequence } = told
    const [key] = keysOf(told) as [string]
    const before = sessions.get(session_id)
    if (seen.has(key)) faults.push(`doubled ${key}`)
    else if (before && sequence < before.highest) faults.push(`reordered ${key}`)
    seen.add(key)
    // A hole is allowed where a gap was told between the two.
    if (before?.gapsBefore === gapsBefore) {
      for (let hole = before.highest + 1; hole < sequence; hole++) lost.add(`${session_id}#${hole}`)
    }
    sessions.set(session_id, { highest: Math.max(before?.highest ?? 0, sequence), gapsBefore })
  }
  for (const key of lost) if (!heard.keys.has(key)) faults.push(`lost ${key}`)
  return faults
}

/** A feed cursor's parts, which order as the log does. */
const placeOf = (cursor: string): [string, number] => {
  const [, position = '', skip = ''] = cursor.split('.')
  return [position, Number(skip)]
}

function cursorFaults({ deliveries, expects }: Heard): string[] {
  if (expects.session_id !== undefined) return []
  const faults: string[] = []
  let last: [string, number] = ['', 0]
  for (const { told } of deliveries) {
    const place = placeOf(told.cursor ?? '')
    const later = place[0] > last[0] || (place[0] === last[0] && place[1] > last[1])
    if (!later) faults.push(`was told a cursor of ${keysOf(told)[0]} that is not after the one before`)
    last = place
  }
  return faults
}

/** The longest time without any of these, in milliseconds. */
export function longestSilence(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return Math.round(sorted.reduce((longest, time, i) => Math.max(longest, time - (sorted[i - 1] ?? time)), 0))
}
