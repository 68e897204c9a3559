import { type Cells, tidied } from './cells'

// It is read as text: the page's policy lets no string become markup.
const token = /<(\/?)([a-z][a-z0-9]*)([^>]*)>|<!--[^>]*>|[^<]+|</gi
const spanned = /\bcolspan\s*=\s*["']?(\d{1,2})/i

/** The cells of the first table in a piece of HTML; none where there is no table. A merged cell has its text once. */
export function cellsOfHtml(html: string): Cells {
  const cells: Cells = []
  let depth = 0
  let unread = ''
  /** How many cells the one before goes over. */
  let covered = 0

  const say = (text: string): void => {
    const row = cells.at(-1)
    if (row && row.length > 0) row[row.length - 1] += text
  }

  for (const [text, slash, name = '', attributes = ''] of html.matchAll(token)) {
    const tag = name.toLowerCase()
    const opens = slash === ''
    if (tag === 'style' || tag === 'script') {
      unread = opens ? tag : ''
    } else if (unread !== '') {
    } else if (tag === 'table') {
      depth += opens ? 1 : -1
      if (depth === 0) break
    } else if (depth === 1 && opens && tag === 'tr') {
      cells.push([])
      covered = 0
    } else if (depth === 1 && opens && (tag === 'td' || tag === 'th')) {
      cells.at(-1)?.push(...Array(covered).fill(''), '')
      covered = Number(spanned.exec(attributes)?.[1] ?? 1) - 1
    } else if (tag === 'br' || tag === 'p' || tag === 'div') {
      say(' ')
    } else if (tag === '' && !text.startsWith('<!--')) {
      say(decoded(text.replaceAll(/\s+/g, ' ')))
    }
  }
  return tidied(cells)
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** A text with the references that what is copied has in it. */
const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, (reference, decimal, hex, name) => {
    if (name) return named[name] ?? reference
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference
  })
