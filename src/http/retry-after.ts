/** Returns the delay that a `Retry-After` field requests (RFC 9110 §10.2.3), in ms, or 0. */
export function retryAfterMs(field: string | undefined, now: number): number {
  if (field === undefined) return 0
  const ms = /^\d{1,9}$/.test(field) ? Number(field) * 1_000 : Date.parse(field) - now
  return Number.isNaN(ms) ? 0 : Math.max(0, ms)
}
