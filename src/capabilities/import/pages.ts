export const importViewPaths = ['/import'] as const
