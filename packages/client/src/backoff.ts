/** How long until an attempt is made again: longer each time, 5 seconds at most, and not for everybody the same. */
export const backoffMs = (attempt: number): number => Math.min(250 * 2 ** attempt, 4_000) * (0.75 + Math.random() / 2)
