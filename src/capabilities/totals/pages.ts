export const totalsViews = ['/report'] as const
