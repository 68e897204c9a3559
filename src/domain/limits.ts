/** Input limits as data. The dashboard also uses them, to check input before it sends a request. */

/** Maximum value of each figure, and its maximum number of decimals. The minimum is 0. */
export const figureLimits = {
  sessions: { maximum: 1_000_000, decimals: 0 },
  avg_minutes: { maximum: 1_440, decimals: 2 },
  cost_per_session: { maximum: 1_000_000, decimals: 4 },
  cost_per_hour: { maximum: 1_000_000, decimals: 4 },
} as const

/** Maximum length of a mentor or organisation id, and of the texts of a calculation, in characters. */
export const identifierCharacters = 200
export const labelCharacters = 120
export const valueSourceCharacters = 200
export const noteCharacters = 1_000

/** Maximum number of transitions of a session. The close does not count. */
export const maxTransitions = 1_000

/** ISO 4217 codes that are accepted for amounts. */
export const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** Lifetime of a share link in days: the default and the maximum. The minimum is 1. */
export const shareDays = 30
export const maxShareDays = 365

/** Matches text without control characters and bidirectional controls. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes control characters
export const printable = /^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/

/** The same pattern, but it also allows line feeds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes control characters
export const printableLines = /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/

/** Whether a text has 1 to `characters` code points. */
export const hasLength = (text: string, characters: number): boolean =>
  text.length > 0 && text.length <= 2 * characters && [...text].length <= characters
