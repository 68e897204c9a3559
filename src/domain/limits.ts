/** Input limits. The dashboard also imports these limits, to validate input before it sends a request. */

/** The minimum value is 0. */
export const figureLimits = {
  sessions: { maximum: 1_000_000, decimals: 0 },
  avg_minutes: { maximum: 1_440, decimals: 2 },
  cost_per_session: { maximum: 1_000_000, decimals: 4 },
  cost_per_hour: { maximum: 1_000_000, decimals: 4 },
} as const

/** Maximum lengths, in characters, of mentor and organisation ids and of the text fields of a calculation. */
export const identifierCharacters = 200
export const labelCharacters = 120
export const valueSourceCharacters = 200
export const noteCharacters = 1_000

/** Maximum number of transitions per session, not counting the close. */
export const maxTransitions = 1_000

export const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** Default and maximum lifetime of a share link, in days. The minimum lifetime is one day. */
export const shareDays = 30
export const maxShareDays = 365

/** Matches text that has neither control characters nor bidirectional controls. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes control characters
export const printable = /^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/

/** Like `printable`, but also allows line feeds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes control characters
export const printableLines = /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/

/** Whether a text has 1 to `characters` code points. */
export const hasLength = (text: string, characters: number): boolean =>
  text.length > 0 && text.length <= 2 * characters && [...text].length <= characters
