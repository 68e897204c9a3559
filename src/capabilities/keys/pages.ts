export const keyViewPaths = ['/service-keys'] as const
