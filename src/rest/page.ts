import { createHash } from 'node:crypto'
import type { Response } from 'express'

const style = `
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem }
  h1 { line-height: 1.25 }
  code, pre { font-family: ui-monospace, monospace; font-size: 0.9em }
  pre { padding: 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: 0.5rem }
  dt { font-weight: 600; margin-top: 1rem }
  dd { margin: 0 }
  td, th { padding: 0.25rem 1.25rem 0.25rem 0; text-align: left; vertical-align: top }
`

const styleHash = createHash('sha256').update(style).digest('base64')

export const escaped = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

/** The same with what stands between backquotes set as code. */
export const prose = (text: string): string => escaped(text).replace(/`([^`]*)`/g, '<code>$1</code>')

/** Answers with a small page that needs nothing but itself. */
export function sendPage(response: Response, title: string, body: string): void {
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
