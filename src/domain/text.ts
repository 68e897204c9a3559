import { z } from 'zod'
import { hasLength, printable } from './limits'

/** What `printable` excludes, as it stands in a pattern, and what `trim` takes off. */
const unprintable = printable.source.slice('^[^'.length, -']*$'.length)
const blanks = '\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'

/** A text of 1 to so many characters, each of one or two code units, that can be shown wherever it goes. */
export const textSchema = (characters: number, schema = z.string()) =>
  schema
    .refine(s => hasLength(s, characters), `must have 1 to ${characters} characters`)
    .refine(s => s.isWellFormed(), 'must be well-formed Unicode')
    .refine(s => printable.test(s), 'must have no control characters')
    .meta({ minLength: 1, maxLength: characters, pattern: printable.source })

/** The same without the white space around it. It is described as it is before that is taken off. */
export function trimmedTextSchema(characters: number) {
  const [space, any, printed] = [`[${blanks}]`, `[^${unprintable}]`, `[^${unprintable}${blanks}]`]
  const pattern = `^${space}*${printed}(?:${any}*${printed})?${space}*$`
  return textSchema(
    characters,
    z.string().overwrite(text => text.trim()),
  ).meta({ pattern })
}

/** What can be shown of any text, so many characters of it at most: nothing, or what `trimmedTextSchema` takes. */
export function shown(text: string, characters: number): string {
  const printed = [...text.toWellFormed()].filter(character => printable.test(character))
  return [...printed.join('').trim()].slice(0, characters).join('').trim()
}
