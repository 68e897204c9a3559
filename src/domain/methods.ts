/**
 * Calculation methods, each with its caveat. Never change or remove an entry: add a new one instead. Stores can save an
 * entry's key instead of its text, and pages look up translations by this key.
 */
export const methods = {
  1: {
    method: 'time-value/1',
    caveat:
      'This is a time-value benefit-cost ratio (a VIVA ratio), not a social return on investment: ' +
      'it counts no outcomes, no deadweight, no attribution and no discounting.',
  },
  2: {
    method: 'time-value/1',
    caveat:
      'This compares the stated costs with what the mentoring hours would have cost to buy. ' +
      'It is comparable to a published VIVA ratio only if those costs include everything that the programme spent. ' +
      'It is not a social return on investment: it measures no outcomes, and does not ask what would have happened anyway.',
  },
} as const
export type MethodKey = keyof typeof methods

/** Method and caveat of new results. */
export const { method, caveat } = methods[2]

const methodKeys = Object.keys(methods).map(Number) as MethodKey[]

/** Returns the key of the entry with this method and caveat, or undefined if there is no such entry. */
export const methodKeyOf = (method: string, caveat: string): MethodKey | undefined =>
  methodKeys.find(key => methods[key].method === method && methods[key].caveat === caveat)

export const firstKeyOf = (method: (typeof methods)[MethodKey]['method']): MethodKey =>
  methodKeys.find(key => methods[key].method === method) as MethodKey
