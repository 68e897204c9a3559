import { wordsOf } from '../../support/views'

test('counts of results use the plural forms of their language', () => {
  const [en, fr] = ['en-GB', 'fr-FR'].map(wordsOf)
  expect([0, 1, 2].map(n => en?.figures.results(n))).toEqual(['0 results', '1 result', '2 results'])
  expect([0, 1, 2].map(n => fr?.figures.results(n))).toEqual(['sur 0 résultat', 'sur 1 résultat', 'sur 2 résultats'])
})
