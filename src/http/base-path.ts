let base = ''

/** Says under which path clients see this server: once, before what is served is made. */
export function standBelow(path: string): void {
  base = path
}

/** A path of this server as its clients know it. */
export const publicPath = (path: string): string => base + path

/** The path of a request target, without a slash at its end: `/graphql/` is `/graphql`. */
export const pathOf = (target = '/'): string => (target.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '')

/** A request target as if the server stood at the root; one that is beside its path is as it is. */
export function fromBase(target: string): string {
  if (base === '' || !target.startsWith(base)) return target
  const rest = target.slice(base.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : target
}
