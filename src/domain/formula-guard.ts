// A cell may end at `;`, a tab or a line ending. A spreadsheet may skip blanks and quotation marks before a formula. A
// formula begins with `=`, `+`, `-` or `@`, which may also be full-width or small characters.
const unguarded =
  /(?:^|(?<=[;\t-\r\u0085\u2028\u2029]))(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g
const guarded =
  /(^|[;\t-\r\u0085\u2028\u2029])'(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g

/**
 * Inserts `'` wherever a spreadsheet cell may begin with a formula: at the start of the text, and after each `;`, tab
 * or line ending in it. A spreadsheet whose separator is `;` or a tab starts a cell there, even inside a quoted field
 * of a file with commas: https://owasp.org/www-community/attacks/CSV_Injection
 */
export const withFormulaGuard = (text: string): string => text.replace(unguarded, "'")

/** Removes each `'` that `withFormulaGuard` has inserted. */
export const withoutFormulaGuard = (text: string): string => text.replace(guarded, '$1')
