// The page's script is in the folder `assets` below the base path, or in `src` if Vite serves it for development.
const [, path = ''] = /^(.*)\/(?:assets|src)\/[^/]*$/.exec(new URL(import.meta.url).pathname) ?? []

/** Base path of the server, without a trailing slash. */
export const basePath = path
