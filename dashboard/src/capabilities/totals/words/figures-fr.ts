import type { figuresEn } from './figures-en'

export const figuresFr: typeof figuresEn = ({ counted }) => {
  const results = { one: 'résultat', many: 'de résultats', other: 'résultats' }
  return {
    report: 'Rapport',
    label: 'Chiffres clés',
    of: (count, withoutCurrency) => `d’après ${counted(count, results)}${withoutCurrency ? ' sans devise' : ''}`,
    results: count => `d’après ${counted(count, results)}`,
    otherCurrencies: 'Bénéfice net dans d’autres devises',
    ratio: 'Ratio bénéfice-coût',
    ofRatio: ratio => `ratio ${ratio}`,
    change: 'Évolution',
    comparedWith: range => `Par rapport à ${range}`,
    toDate: (months, before) => `Évolution à ce jour : ${months}, par rapport à ${before}`,
    noneOver: 'Pas de comparaison avec l’année précédente, car ces mois ne sont pas terminés',
    nothingBefore: range => `Aucun résultat à comparer (${range})`,
    calculations: 'Calculs',
  }
}
