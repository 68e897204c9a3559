// This script's URL is `<base path>/assets/…`, or `<base path>/src/…` if Vite's development server serves it.
const [, path = ''] = /^(.*)\/(?:assets|src)\/[^/]*$/.exec(new URL(import.meta.url).pathname) ?? []

/** Path prefix of the server's URLs, without a trailing slash. */
export const basePath = path
