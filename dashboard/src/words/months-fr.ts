import type { monthsEn } from './months-en'

export const monthsFr: typeof monthsEn = ({ number, counted }) => {
  /** Puts “de” or “d’” before the name of a month, as in “d’avril”. */
  const of = (month: string): string => (/^[ao]/i.test(month) ? `d’${month}` : `de ${month}`)
  const inRange = (first: string | null, last: string | null): string => {
    if (first === null) return `jusqu’en ${last}`
    if (last === null) return `à partir ${of(first)}`
    return first === last ? `en ${first}` : `${of(first)} à ${last}`
  }
  return {
    label: 'Mois',
    all: 'Tous les mois',
    presets: {
      thisMonth: 'Ce mois-ci',
      last12: 'Les 12 derniers mois',
      thisYear: 'Cette année civile',
      lastYear: 'L’année civile précédente',
      thisFinancialYear: 'Cet exercice',
      lastFinancialYear: 'L’exercice précédent',
    },
    other: 'Autres mois',
    from: 'De',
    to: 'À',
    any: 'Indifférent',
    tooMany: most => `Choisissez ${number(most)} mois au plus : commencez plus tard ou terminez plus tôt.`,
    since: first => `à partir ${of(first)}`,
    until: last => `jusqu’en ${last}`,
    withResult: (isFiltered, first, last) =>
      `${isFiltered ? 'Calculs filtrés' : 'Calculs'} avec un résultat ${inRange(first, last)}`,
    counts: {
      allMonths: shown => `Les totaux portent sur tous les mois. Le détail par mois montre les 12 derniers : ${shown}.`,
      inCurrency: (count, total, currency) =>
        `${number(count)} ${count > 1 ? 'résultats' : 'résultat'} sur ${number(total)} en ${currency}.`,
      withoutCurrency: (count, total) =>
        `${number(count)} ${count > 1 ? 'résultats' : 'résultat'} sur ${number(total)} sans devise.`,
      withoutResult: count =>
        `${counted(count, { one: 'calcul n’a', many: 'de calculs n’ont', other: 'calculs n’ont' })} pas encore de résultat.`,
      rowsIn: currency =>
        `Les montants et le nombre de résultats ne concernent que les résultats en ${currency}. Le nombre de calculs porte sur toutes les devises.`,
      rowsWithoutCurrency:
        'Les montants et le nombre de résultats ne concernent que les résultats sans devise. Le nombre de calculs porte sur toutes les devises.',
      ofAll: (count, total) => `${number(count)} sur ${number(total)}`,
    },
    noResults: 'Aucun résultat pour ces mois.',
  }
}
