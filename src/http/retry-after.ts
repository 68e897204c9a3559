/** Returns the delay in ms (RFC 9110 §10.2.3), or 0 if the header is missing or invalid. */
export function retryAfterMs(field: string | undefined): number {
  if (field === undefined) return 0
  const ms = /^\d{1,9}$/.test(field) ? Number(field) * 1_000 : Date.parse(field) - Date.now()
  return Number.isNaN(ms) ? 0 : Math.max(0, ms)
}
