/**
 * Base path of this server. The base path is module state, because it never changes and many modules use it to generate
 * links.
 */
let base = ''

/**
 * Sets the base path under which clients reach this server. Call `setBasePath` once, before any link, page or API
 * description is generated.
 */
export function setBasePath(path: string): void {
  base = path
}

/** Prefixes one of this server's paths with the base path. */
export const publicPath = (path: string): string => base + path

/** Converts a request target from absolute form to the equivalent origin form (RFC 9112 §3.2.2). */
export const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')

/** Removes the base path from a request target. Returns a request target outside the base path unchanged. */
export function withoutBasePath(target: string): string {
  if (base === '' || !target.startsWith(base)) return target
  const rest = target.slice(base.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : target
}

/** Returns the path of a request target without a trailing slash: `/graphql/` becomes `/graphql`. */
export const pathOf = (target = '/'): string => (target.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '')
