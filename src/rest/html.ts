/** Text that is HTML already. */
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

/** HTML whose interpolated values are text, in an element or in a quoted attribute: only other Markup is markup. */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Markup =>
  new Markup(strings.map((string, i) => string + (i < values.length ? textOf(values[i]) : '')).join(''))
