/** Returns the delay before the next attempt, in ms: doubled each time, up to 4,000, with jitter of 25 % either way. */
export const backoffMs = (attempt: number): number => Math.min(250 * 2 ** attempt, 4_000) * (0.75 + Math.random() / 2)
