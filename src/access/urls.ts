const web = /^https?:\/\//i

/** Whether a text is an HTTP or HTTPS URL rather than a file path. */
export const isUrl = (text: string): boolean => web.test(text)

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i

/** Whether a host name or IP address always refers to this machine. An IPv6 address can be in brackets. */
export const isLoopback = (host: string): boolean => loopback.test(host)

/** Whether a URL is trustworthy: it uses TLS or points to this machine, and it contains no credentials. */
export function isTrustworthy(text: string): boolean {
  if (!isUrl(text) || !URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  return (protocol === 'https:' || isLoopback(hostname)) && username === '' && password === ''
}
