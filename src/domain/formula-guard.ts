// A cell may end at `;`, at a tab or line ending. Before a formula, a spreadsheet may pass over blanks and quotation marks. A
// formula begins with `=`, `+`, `-` or `@`, also in full width or small.
const unguarded =
  /(?:^|(?<=[;\t-\r\u0085\u2028\u2029]))(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g
const guarded =
  /(^|[;\t-\r\u0085\u2028\u2029])'(?=(?:(?![\t-\r\u2028\u2029])[\s"'])*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])/g

/**
 * Puts `'` wherever a cell of a spreadsheet may begin with a formula: at the beginning of the text, and after each `;`, tab
 * or line ending in it. A spreadsheet whose separator is `;` or a tab begins a cell there, even in a quoted field of a
 * file with commas: https://owasp.org/www-community/attacks/CSV_Injection
 */
export const withFormulaGuard = (text: string): string => text.replace(unguarded, "'")

/** Removes each `'` that `withFormulaGuard` has put into a text. */
export const withoutFormulaGuard = (text: string): string => text.replace(guarded, '$1')
