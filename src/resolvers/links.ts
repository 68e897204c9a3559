/** Schema extensions of a root field that requires no authentication, because its argument is a link's secret token. */
export const publicField = { isPublic: true, showsLink: true }

/** A response that contains a link's secret token is never compressed (see `endCompressed`). */
export const linkField = { showsLink: true }
