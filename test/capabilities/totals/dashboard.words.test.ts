import { wordsOf } from '../../support/views'

test('counts of results use the plural forms of their language', () => {
  const [en, fr] = ['en-GB', 'fr-FR'].map(wordsOf)
  expect([0, 1, 2].map(n => en?.figures.results(n))).toEqual(['0 results', '1 result', '2 results'])
  expect([0, 1, 2].map(n => fr?.figures.results(n))).toEqual([
    'd’après 0 résultat',
    'd’après 1 résultat',
    'd’après 2 résultats',
  ])
})
