import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { html, Markup } from './html'

const style = `
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem }
  h1 { line-height: 1.25 }
  code, pre { font-family: ui-monospace, monospace; font-size: 0.9em }
  pre { padding: 1rem; white-space: pre-wrap; border: 1px solid #8886; border-radius: 0.5rem }
  dt { font-weight: 600; margin-top: 1rem }
  dd { margin: 0 }
  td, th { padding: 0.25rem 1.25rem 0.25rem 0; text-align: left; vertical-align: top }
`

const styleHash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** A sentence of ours with what stands between backquotes set as code. */
export const prose = (text: string): Markup[] =>
  text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))

/** Answers with a small page that explains something of this server, and needs nothing but itself. */
export function sendExplanation(response: Response, title: string, content: Markup): void {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
  response.setHeader('Content-Security-Policy', policy)
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.end(text)
}
