import type { Response } from 'express'
import { html, type Markup, sendHtml } from './html'

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

/** Returns one of our own texts as HTML, with the parts between backquotes as code. */
export const prose = (text: string): Markup[] =>
  text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))

/** Responds with a small, self-contained page that explains a part of this server. */
export function sendExplanation(response: Response, title: string, content: Markup): void {
  sendHtml(response, 200, { title, style, content })
}
