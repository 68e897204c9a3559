// The page's script stands in the folder `assets` below it (`src` where Vite serves it for development).
const [, found = ''] = /^(.*)\/(?:assets|src)\/[^/]*$/.exec(new URL(import.meta.url).pathname) ?? []

/** Under which path the server stands, without a slash at its end. */
export const basePath = found
