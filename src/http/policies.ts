import { createHash } from 'node:crypto'

const self = "'self'"
const none = "'none'"

/** Returns a Content-Security-Policy: the page loads only from the named sources, sends no form and is never framed. */
const policy = (sources: Record<string, string>, more: Record<string, string> = {}): string =>
  Object.entries({
    'default-src': none,
    ...sources,
    'base-uri': none,
    'form-action': none,
    'frame-ancestors': none,
    ...more,
  })
    .map(([directive, values]) => `${directive} ${values}`)
    .join('; ')

/**
 * Policy of the dashboard: it loads only from this server, and no string becomes markup or script (Trusted Types). With
 * sign-in, it may also connect to the issuer's origin.
 */
export const dashboardPolicy = (issuer?: string): string =>
  policy(
    { 'script-src': self, 'style-src': self, 'img-src': self, 'connect-src': issuer ? `${self} ${issuer}` : self },
    { 'require-trusted-types-for': "'script'", 'trusted-types': none },
  )

/** Policy of GraphiQL, as strict as its editor allows: the editor writes styles into the page and starts workers. */
export const graphiqlPolicy = policy({
  'script-src': self,
  'style-src': `${self} 'unsafe-inline'`,
  'img-src': `${self} data:`,
  'font-src': `${self} data:`,
  'connect-src': self,
  'worker-src': self,
})

/** Policy of the API description at /docs. Its style sheet contains its icons as data URLs. */
export const docsPolicy = policy({
  'script-src': self,
  'style-src': self,
  'img-src': `${self} data:`,
  'connect-src': self,
})

/** Returns the policy of a self-contained page: no script, and one style, which is allowed by its hash. */
export const plainPolicy = (style: string): string =>
  policy({ 'style-src': `'sha256-${createHash('sha256').update(style).digest('base64')}'` })
