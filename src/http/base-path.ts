/** The base path is module state, because it never changes and many modules use it to generate links. */
let base = ''

/** Call `setBasePath` once, before any link, page or API description is generated. */
export function setBasePath(path: string): void {
  base = path
}

export const publicPath = (path: string): string => base + path

/** Converts a request target from absolute form to the equivalent origin form (RFC 9112 §3.2.2). */
export const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')

/** Returns a request target outside the base path unchanged. */
export function withoutBasePath(target: string): string {
  if (base === '' || !target.startsWith(base)) return target
  const rest = target.slice(base.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : target
}

/** Returns the path of a request target without a trailing slash: `/graphql/` becomes `/graphql`. */
export const pathOf = (target = '/'): string => (target.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '')
