import type { Response } from 'express'
import { plainPolicy } from '../../http/static-assets'

/** Text that is already HTML, so it is not escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = Markup | string | number | null | undefined | Value[]

const characters: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function textOf(value: Value): string {
  if (value instanceof Markup) return value.text
  if (Array.isArray(value)) return value.map(textOf).join('')
  return String(value ?? '').replace(/[&<>"']/g, character => characters[character] as string)
}

/** Escapes values unless they are Markup. They are safe in an element's content and in a quoted attribute. */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Markup =>
  new Markup(strings.map((string, i) => string + (i < values.length ? textOf(values[i]) : '')).join(''))

interface HtmlPage {
  title: string
  style: string
  head?: Markup
  content: Markup
  /** Language of the page. Default: English. */
  language?: string
}

/** The Content Security Policy allows the page's inline style sheet by its hash. */
export function sendHtml(
  response: Response,
  status: number,
  { title, style, head, content, language = 'en' }: HtmlPage,
): void {
  const { text } = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
  response.statusCode = status
  response.setHeader('Content-Security-Policy', plainPolicy(style))
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
