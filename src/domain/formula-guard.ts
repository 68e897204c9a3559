// Matches each position where a spreadsheet could detect a formula. A cell can start after `;`, a tab or a line ending.
// Spreadsheets skip white space and quotation marks before a formula. A formula begins with `=`, `+`, `-` or `@`, or
// with a full-width or small-form variant of these characters.
const unguarded =
  /(?:^|(?<=[;\t-\r\u0085\u2028\u2029]))(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g
const guarded =
  /(^|[;\t-\r\u0085\u2028\u2029])'(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g

/**
 * Prevents CSV injection (https://owasp.org/www-community/attacks/CSV_Injection). Spreadsheets that separate cells by
 * `;` or tabs start a new cell there, even inside a quoted field of a comma-separated file.
 */
export const withFormulaGuard = (text: string): string => text.replace(unguarded, "'")

/** Removes each `'` that `withFormulaGuard` inserted. */
export const withoutFormulaGuard = (text: string): string => text.replace(guarded, '$1')
