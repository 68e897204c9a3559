import { z } from 'zod'
import { hasLength, identifierCharacters, printable, printableLines } from './limits'

/** The white space that `trim` removes, as the content of a regex character class. */
const blanks = '\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'

/** Returns the schema of a text of 1 to `characters` code points from the set `allowed`. */
export const textSchema = (characters: number, schema = z.string(), allowed = printable) =>
  schema
    .refine(s => hasLength(s, characters), `must have 1 to ${characters} characters`)
    .refine(s => s.isWellFormed(), 'must be well-formed Unicode')
    .refine(
      s => allowed.test(s),
      `must not contain control characters${allowed === printableLines ? ', except line feeds' : ''}`,
    )
    .meta({ minLength: 1, maxLength: characters, pattern: allowed.source })

/** Schema of the id of a mentor or an organisation. */
export const identifierSchema = textSchema(identifierCharacters)

/** Returns the same schema, with white space trimmed. Its JSON Schema pattern describes the untrimmed text. */
export function trimmedTextSchema(characters: number, allowed = printable) {
  const unprintable = allowed.source.slice('^[^'.length, -']*$'.length)
  const [space, any, printed] = [`[${blanks}]`, `[^${unprintable}]`, `[^${unprintable}${blanks}]`]
  const pattern = `^${space}*${printed}(?:${any}*${printed})?${space}*$`
  return textSchema(
    characters,
    z.string().overwrite(text => text.trim()),
    allowed,
  ).meta({ pattern })
}

/**
 * Makes any text printable: removes other characters, trims the text, and truncates it to `characters` code points. Can
 * return ''.
 */
export function printableText(text: string, characters: number): string {
  const printed = [...text.toWellFormed()].filter(character => printable.test(character))
  return [...printed.join('').trim()].slice(0, characters).join('').trim()
}

/** Returns `mentor_id` for `mentorId`, `session_started` for `SessionStarted`. */
export const snake = (name: string): string => name.replace(/(?<=.)([A-Z])/g, '_$1').toLowerCase()
