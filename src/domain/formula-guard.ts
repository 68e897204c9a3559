// Matches each place where a spreadsheet may see a formula. A cell can start after `;`, a tab or a line ending.
// Spreadsheets skip blanks and quotation marks before a formula. A formula begins with `=`, `+`, `-` or `@`, or one of
// their full-width or small variants.
const unguarded =
  /(?:^|(?<=[;\t-\r\u0085\u2028\u2029]))(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g
const guarded =
  /(^|[;\t-\r\u0085\u2028\u2029])'(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g

/**
 * Inserts `'` before each possible formula at the start of the text, or after a `;`, tab or line ending in it.
 * Spreadsheets that separate cells by `;` or tabs start a cell there, even inside a quoted field of a comma-separated
 * file: https://owasp.org/www-community/attacks/CSV_Injection
 */
export const withFormulaGuard = (text: string): string => text.replace(unguarded, "'")

/** Removes each `'` that `withFormulaGuard` has inserted. */
export const withoutFormulaGuard = (text: string): string => text.replace(guarded, '$1')
