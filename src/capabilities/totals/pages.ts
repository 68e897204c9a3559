/** Paths of the dashboard's views of totals. */
export const totalsViews = ['/report'] as const
