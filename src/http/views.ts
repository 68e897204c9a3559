/** Paths of the dashboard's own views. Each capability adds the paths of its views. */
export const coreViews = ['/', '/sessions/:session_id', '/compare', '/shared', '/sign-in'] as const

/**
 * Returns the segment in the place of a view's parameter, or '' if the view has none. Returns undefined if the path
 * belongs to another view.
 */
export function parameterIn(path: string, view: string): string | undefined {
  const colon = view.indexOf(':')
  if (colon < 0) return path === view ? '' : undefined
  const segment = path.slice(colon)
  return path.startsWith(view.slice(0, colon)) && segment && !segment.includes('/') ? segment : undefined
}
