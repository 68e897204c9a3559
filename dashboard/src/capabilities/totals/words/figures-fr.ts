import type { figuresEn } from './figures-en'

export const figuresFr: typeof figuresEn = ({ number, counted, plural }) => {
  const results = { one: 'résultat', many: 'de résultats', other: 'résultats' }
  return {
    report: 'Bilan',
    label: 'Chiffres clés',
    of: (count, withoutCurrency) => `sur ${counted(count, results)}${withoutCurrency ? ' sans devise' : ''}`,
    results: count => `sur ${counted(count, results)}`,
    otherCurrencies: 'Bénéfice net dans d’autres devises',
    ratio: 'Rapport bénéfice-coût',
    ofRatio: ratio => `rapport ${ratio}`,
    change: 'Variation',
    comparedWith: range => `Par rapport à ${range}`,
    nothingBefore: range => `Aucun résultat à comparer (${range})`,
    calculations: 'Calculs',
    aMinute: 'Résultats par minute',
    at: (count, time) => [count, ' à ', time],
    inLastMinutes: (count, minutes) => [
      count,
      plural(minutes, {
        one: ' au cours de la dernière minute',
        other: ` au cours des ${number(minutes)} dernières minutes`,
      }),
    ],
    minutes: (minutes, total, most) =>
      `Résultats de chacune des ${number(minutes)} dernières minutes : ${number(total)} en tout, ${number(most)} au plus en une minute.`,
    search: {
      label: 'Rechercher',
      hint: 'Mentor, organisation ou calcul',
      open: id => ['Ouvrir ', id],
      nothing: text => `Rien ne contient « ${text} ».`,
      newest: 'Seuls les calculs les plus récents ont été parcourus.',
    },
  }
}
