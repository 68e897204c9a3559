/** Renames the members of a JSON value recursively. */
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map(item => renamed(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [rename(name), renamed(member, rename)]))
}

/** Converts a REST name to GraphQL's spelling: `cost_per_hour` becomes `costPerHour`. */
export const camelName = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Converts a GraphQL name to REST's spelling: `costPerHour` becomes `cost_per_hour`. */
export const snakeName = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** Converts the member names of a JSON value from REST's spelling to GraphQL's. */
export const camelCased = (value: unknown): unknown => renamed(value, camelName)

/** Converts the member names of a JSON value from GraphQL's spelling to REST's. */
export const snakeCased = (value: unknown): unknown => renamed(value, snakeName)
