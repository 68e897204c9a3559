/** Extensions of a root field that needs no token, because its argument is the token of a link. */
export const publicField = { isPublic: true, showsLink: true }

/** Extensions of a field that may show the token of a link. Such a response is never compressed (0024). */
export const linkField = { showsLink: true }
