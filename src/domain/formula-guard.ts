/** Content of a regex character class: what may begin a formula. `=`, `+`, `-` and `@` may be in full width or small. */
const formula = '\\t\\r=+\\-@\\uff1d\\uff0b\\uff0d\\uff20\\ufe66\\ufe62\\ufe63\\ufe6b'
/** What may end a cell within a text, if the spreadsheet does not see that the text is quoted. */
const cellEnds = ';\\t-\\r\\u0085\\u2028\\u2029'
/** What a spreadsheet may pass over before a formula: blanks, and quotation marks that it takes for its own. */
const passedOver = '(?:(?![\\t-\\r\\u2028\\u2029])[\\s"\'])*'

const unguarded = new RegExp(`(?:^|(?<=[${cellEnds}]))(?=${passedOver}[${formula}])`, 'g')
const guarded = new RegExp(`(^|[${cellEnds}])'(?=${passedOver}[${formula}])`, 'g')

/**
 * Puts `'` wherever a cell of a spreadsheet may begin with a formula: at the beginning of the text, and after each `;`, tab
 * or line ending in it. A spreadsheet whose separator is `;` or a tab begins a cell there, even in a quoted field of a
 * file with commas: https://owasp.org/www-community/attacks/CSV_Injection
 */
export const withFormulaGuard = (text: string): string => text.replace(unguarded, "'")

/** Removes each `'` that `withFormulaGuard` has put into a text. */
export const withoutFormulaGuard = (text: string): string => text.replace(guarded, '$1')
