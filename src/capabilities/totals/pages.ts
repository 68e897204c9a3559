export const totalsViewPaths = ['/report'] as const
