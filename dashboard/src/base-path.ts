// The URL of this script is `<base path>/assets/…` or, from Vite's development server, `<base path>/src/…`.
const [, path = ''] = /^(.*)\/(?:assets|src)\/[^/]*$/.exec(new URL(import.meta.url).pathname) ?? []

/** Path prefix of the server's URLs, without a trailing slash. */
export const basePath = path
