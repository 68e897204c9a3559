import { printableText, trimmedTextSchema } from '../../src/domain/text'

test.each([
  ['Ada Admin', 'Ada Admin'],
  ['  Ada\t\n Admin ', 'Ada Admin'],
  ['\u202eAda\u2066', 'Ada'],
  ['\u0000\u0007 \u007f', ''],
  ['\ud83dAda', '\ufffdAda'],
  ['\u{1f600}'.repeat(11), '\u{1f600}'.repeat(10)],
  ['a b c d e f', 'a b c d e'],
])('%j is shown as %j', (text, expected) => {
  expect(printableText(text, 10)).toBe(expected)
  if (expected !== '') expect(trimmedTextSchema(10).parse(printableText(text, 10))).toBe(expected)
})
