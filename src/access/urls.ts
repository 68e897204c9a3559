const web = /^https?:\/\//i

/** Whether a text names what is fetched, and no file. */
export const isUrl = (text: string): boolean => web.test(text)

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Whether what is fetched from there is what its owner says: over TLS, or from this machine. */
export function isTrustworthy(text: string): boolean {
  if (!isUrl(text) || !URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  return (protocol === 'https:' || loopback.test(hostname)) && username === '' && password === ''
}
