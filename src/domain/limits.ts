/** The bounds of what callers state, as data: pages check by them too, before they ask. */

/** The greatest that each figure may be, and with how many decimals. None is below 0. */
export const figureLimits = {
  sessions: { maximum: 1_000_000, decimals: 0 },
  avg_minutes: { maximum: 1_440, decimals: 2 },
  cost_per_session: { maximum: 1_000_000, decimals: 4 },
  cost_per_hour: { maximum: 1_000_000, decimals: 4 },
} as const

/** How many characters the id of a mentor or an organisation may have, and a label. */
export const identifierCharacters = 200
export const labelCharacters = 120

/** The codes of ISO 4217 that amounts may be in. */
export const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** How long a share lasts. */
export const shareDays = 30

/** Neither control characters nor those that turn the direction of the text around them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that it excludes
export const printable = /^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/

/** Whether a text has 1 to so many characters, each of one or two code units. */
export const hasLength = (text: string, characters: number): boolean =>
  text.length > 0 && text.length <= 2 * characters && [...text].length <= characters
