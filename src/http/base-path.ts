/** Module state, because many places generate descriptions, pages and links, and the path never changes. */
let base = ''

/**
 * Sets the path under which clients reach this server. Call it once, before anything that contains a path is created.
 */
export function setBasePath(path: string): void {
  base = path
}

/** Returns a path of this server as clients see it, with the base path. */
export const publicPath = (path: string): string => base + path

/** Converts a request target from absolute form to origin form, which names the same resource (RFC 9112 §3.2.2). */
export const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')

/** Removes the base path from a request target. A target outside the base path stays unchanged. */
export function withoutBasePath(target: string): string {
  if (base === '' || !target.startsWith(base)) return target
  const rest = target.slice(base.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : target
}

/** Returns the path of a request target without a trailing slash: `/graphql/` becomes `/graphql`. */
export const pathOf = (target = '/'): string => (target.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '')
