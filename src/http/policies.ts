import { createHash } from 'node:crypto'

const self = "'self'"
const none = "'none'"

/** A Content-Security-Policy by which a page loads what is named, sends no form, and stands in no frame. */
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
 * The dashboard loads what this server serves, and no string becomes markup or script (Trusted Types). Where it signs users
 * in, it asks the origin of their issuer, and no other.
 */
export const dashboardPolicy = (issuer?: string): string =>
  policy(
    { 'script-src': self, 'style-src': self, 'img-src': self, 'connect-src': issuer ? `${self} ${issuer}` : self },
    { 'require-trusted-types-for': "'script'", 'trusted-types': none },
  )

/** As strict as GraphiQL's editor lets it be: it writes styles into the page and starts workers. */
export const graphiqlPolicy = policy({
  'script-src': self,
  'style-src': `${self} 'unsafe-inline'`,
  'img-src': `${self} data:`,
  'font-src': `${self} data:`,
  'connect-src': self,
  'worker-src': self,
})

/** The description to read and try, whose icons stand in its style. */
export const docsPolicy = policy({
  'script-src': self,
  'style-src': self,
  'img-src': `${self} data:`,
  'connect-src': self,
})

/** A page that needs nothing but itself: no script, and one style, which its hash lets in. */
export const plainPolicy = (style: string): string =>
  policy({ 'style-src': `'sha256-${createHash('sha256').update(style).digest('base64')}'` })
