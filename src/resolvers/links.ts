/** Extensions of a root field that needs no token: its argument is the token of a link, which is itself the permission. */
export const publicField = { isPublic: true, showsLink: true }

/** Extensions of a field that may show the token of a link. A response with it is never compressed (0024). */
export const linkField = { showsLink: true }
