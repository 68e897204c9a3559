export const compareViewPaths = ['/compare'] as const
