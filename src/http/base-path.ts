let base = ''

/**
 * Sets the path under which clients reach this server. Call it once, before anything that contains a path is created.
 */
export function setBasePath(path: string): void {
  base = path
}

/** Returns a path of this server as clients see it, with the base path. */
export const publicPath = (path: string): string => base + path

/** Converts a request target in absolute form, which names the same resource, to origin form (RFC 9112 §3.2.2). */
export const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')

/** Removes the base path from a request target. A target outside the base path stays as it is. */
export function withoutBasePath(target: string): string {
  if (base === '' || !target.startsWith(base)) return target
  const rest = target.slice(base.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : target
}

/** Returns the path of a request target without a trailing slash: `/graphql/` becomes `/graphql`. */
export const pathOf = (target = '/'): string => (target.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '')

/** Longest path in the log, in characters. Longer ones are cut. */
const loggedPathLength = 300
/** A word of at least this many characters may be a token, so it is not logged. */
const tokenLength = 32
/** The rest of a path after these segments is not logged: a share token, or the id of a mentor to erase. */
const unlogged = /\/(shared|benefit-mentors)\/.+/is

/** Returns a path without the tokens in it, even if it is percent-encoded or in capitals. */
export function loggedPath(url: string): string {
  const path = url.replace(/\?.*/s, '')
  const decoded = path.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return (unlogged.test(decoded) ? decoded.replace(unlogged, '/$1/…') : path)
    .replace(/[\w-]+/g, word => (word.length < tokenLength ? word : '…'))
    .slice(0, loggedPathLength)
}
