/** Paths of the dashboard's own views. Each capability adds those of its views. */
export const coreViews = ['/', '/sessions/:session_id', '/compare', '/shared', '/sign-in'] as const

/**
 * Returns the segment that stands for the parameter of a view's path, or '' if the path has none. Undefined if it is the
 * path of another view.
 */
export function parameterIn(path: string, view: string): string | undefined {
  const colon = view.indexOf(':')
  if (colon < 0) return path === view ? '' : undefined
  const segment = path.slice(colon)
  return path.startsWith(view.slice(0, colon)) && segment && !segment.includes('/') ? segment : undefined
}
