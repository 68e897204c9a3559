/** Paths of the dashboard's core views. Each capability adds the paths of its own views. */
export const coreViewPaths = ['/', '/sessions/:session_id', '/shared', '/sign-in'] as const

/** Returns '' if the view has no parameter, and undefined if `path` does not match the view. */
export function parameterIn(path: string, view: string): string | undefined {
  const colon = view.indexOf(':')
  if (colon < 0) return path === view ? '' : undefined
  const segment = path.slice(colon)
  return path.startsWith(view.slice(0, colon)) && segment && !segment.includes('/') ? segment : undefined
}
