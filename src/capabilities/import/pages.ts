/** Path of the dashboard's view of imports. */
export const importViews = ['/import'] as const
