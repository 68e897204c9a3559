export const importViews = ['/import'] as const
