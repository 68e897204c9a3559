import { z } from 'zod'
import { hasLength, identifierCharacters, printable, printableLines } from './limits'

/** All white space that `String.prototype.trim` removes, as the content of a regex character class. */
const blanks = '\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'

/** Returns the schema of a text of 1 to `characters` code points that matches the pattern `allowed`. */
export const textSchema = (characters: number, schema = z.string(), allowed = printable) =>
  schema
    .refine(s => hasLength(s, characters), `must have 1 to ${characters} characters`)
    .refine(s => s.isWellFormed(), 'must be well-formed Unicode')
    .refine(
      s => allowed.test(s),
      `must not contain control characters${allowed === printableLines ? ', except line feeds' : ''}`,
    )
    .meta({ minLength: 1, maxLength: characters, pattern: allowed.source })

/** Schema of ids that clients choose, such as mentor and organisation ids. */
export const identifierSchema = textSchema(identifierCharacters)

/** Trims white space. The pattern in the JSON Schema describes the text before it is trimmed. */
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

/** Removes unprintable characters, and trims and truncates the text. The result can be empty. */
export function printableText(text: string, characters: number): string {
  const printed = [...text.toWellFormed()].filter(character => printable.test(character))
  return [...printed.join('').trim()].slice(0, characters).join('').trim()
}

/** Escapes characters as in \u{1b}, so that text from a file or a server cannot control a terminal. */
export const escapedText = (text: string, allowed = printable): string =>
  [...text].map(character => (allowed.test(character) ? character : escapeOf(character))).join('')

const escapeOf = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`

/** Converts a name to snake case: `mentorId` to `mentor_id`, and `SessionStarted` to `session_started`. */
export const snake = (name: string): string => name.replace(/(?<=.)([A-Z])/g, '_$1').toLowerCase()
