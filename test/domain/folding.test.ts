import fc from 'fast-check'
import { folded, foldedLength, foldedMatches, foldedWords } from '../../src/domain/folding'
import { identifierCharacters } from '../../src/domain/limits'

test.each([
  ['gross', 'Größe', true],
  ['GRÖSSE', 'größe', true],
  ['groẞe', 'GROSSE', true],
  ['cafe', 'Café', true],
  ['café', 'CAFE', true],
  // In one code point, or in two.
  ['e\u0301', '\u00e9', true],
  ['οδος', 'ΟΔΟΣ', true],
  ['ΣΟΦ', 'σοφία', true],
  ['finance', 'ﬁnance', true],
  ['year 9', 'Ｙｅａｒ ９', true],
  ['istanbul', 'İstanbul', true],
  ['2', 'm²', true],
  // Unicode does not decompose these.
  ['sorensen', 'Sørensen', true],
  ['lodz', 'Łódź', true],
  ['ŁODZ', 'lodz', true],
  ['aesir', 'Æsir', true],
  ['œuvre', 'OEUVRE', true],
  ['dordevic', 'Đorđević', true],
  ['thor', 'Þór', true],
  ['gudrun', 'Guðrún', true],
  ['isil', 'Işıl', true],
  ['habib', 'Ħabib', true],
  ['dangogo', 'Ɗangogo', true],
  // O with a stroke and an accent
  ['o', 'Ǿ', true],
  // Apostrophes
  ["o'brien", 'O’Brien', true],
  ['o’brien', "O'Brien", true],
  ['obrien', 'O’Brien', true],
  ['obrien', 'O´Brien', true],
  ['o`brien', 'OBrien', true],
  ['ʻokina', 'okina', true],
  ['o brien', 'O’Brien', false],
  ['SØREN', 'søren', true],
  ['łodz', 'ŁÓDŹ', true],
  ['a b', 'ab', false],
])('%j finds %j: %j', (text, label, isFound) => {
  expect(folded(label).includes(folded(text))).toBe(isFound)
})

const texts = fc.string({ unit: 'binary' })

test('a folded text stays as it is when it is folded again', () => {
  fc.assert(fc.property(texts, text => void expect(folded(folded(text))).toBe(folded(text))))
})

test('each code point is folded by itself, so a part of a text is found in the whole', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      fc.pre((a + b).isWellFormed() && a.isWellFormed())
      expect(folded(a + b)).toBe(folded(a) + folded(b))
    }),
  )
})

test.each([
  ['ligatures of whole words', '\ufdfa'],
  ['code points of two units', `x${'\u{1d4b3}'}`],
  ['others that stay themselves', `x${'\u{1f600}'}`],
])('a text of %s is cut if it becomes too long, and not within a code point', (_, part) => {
  const whole = folded(part).repeat(foldedLength)
  const cut = folded(part.repeat(foldedLength))
  expect(whole.startsWith(cut)).toBe(true)
  expect(cut.isWellFormed()).toBe(true)
  expect(foldedLength - cut.length).toBeLessThan(2)
})

test.each(['한', 'Ǆ', 'ﬃ', 'ß', 'Ệ', 'कि', '東', '\u{20000}'])('an id as long as can be, of %s, is not cut', letter => {
  const id = letter.repeat(identifierCharacters / [...letter].length)
  expect(folded(id)).toBe(folded(letter).repeat(id.length / letter.length))
})

test('a text has the words of letters and digits between other characters', () => {
  expect(foldedWords(' Emma\u00a0 O’Brien\n')).toEqual(['EMMA', 'OBRIEN'])
  expect(foldedWords('Jean-Luc_1, ☃')).toEqual(['JEAN', 'LUC', '1'])
  expect(foldedWords(" ' \u0301")).toEqual([])
})

test.each([
  ['Café au lait', 'cafe', ['Café']],
  ['Cafe\u0301 au lait', 'cafe', ['Cafe\u0301']],
  ['Größe', 'gros', ['Größ']],
  ['Größe', 'os', []],
  ['Spring 2026', 'SPRING 2026', ['Spring', '2026']],
  ['Emma Smith', 'smith EMMA', ['Emma', 'Smith']],
  ['Emma Em-Smith', 'em', ['Em', 'Em']],
  ['Patrick O’Brien', 'obr', ['O’Br']],
  ['Łódź', 'lodz', ['Łódź']],
  ['\u{1f600} ab \u{1f600}', 'A', ['a']],
  ['x ²', '2', ['²']],
  ['Spring', 'autumn', []],
  ['Spring', '', []],
  ['Spring', '\u0301', []],
])('in %j, %j matches %j', (text, other, parts) => {
  expect(foldedMatches(text, other).map(part => text.slice(...part))).toEqual(parts)
})
