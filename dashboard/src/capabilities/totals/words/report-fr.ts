import type { reportEn } from './report-en'

export const reportFr: typeof reportEn = ({ number, counted }) => {
  const results = (count: number): string =>
    counted(count, { one: 'résultat', many: 'de résultats', other: 'résultats' })
  return {
    title: of => `${of} – rapport`,
    programme: 'L’ensemble du programme',
    noOrganisation: 'Sans organisation',
    of: (mentor, organisation) =>
      mentor === null
        ? ['Organisation ', organisation as NonNullable<typeof organisation>]
        : ['Mentor ', mentor, ...(organisation === null ? [] : [', organisation ', organisation])],
    above: 'Rapports qui comprennent celui-ci',
    totals: 'Totaux par devise',
    totalsOf: count => `D’après ${results(count)}. Les montants de devises différentes ne sont jamais additionnés.`,
    byMonth: 'Valeur et coût par mois',
    inMonths: (count, total) =>
      `Sur les ${results(total)} dans cette devise, ${number(count)} ${count > 1 ? 'concernent' : 'concerne'} ces mois.`,
    monthOf:
      'Un résultat est compté dans le mois où sa période se termine ou, sans période, dans celui où il a été calculé.',
    otherMonths: (earlier, later, isLeftOut) => {
      const counts = [
        ...(earlier > 0 ? [`${results(earlier)} de mois antérieurs`] : []),
        ...(later > 0 ? [`${results(later)} de mois postérieurs`] : []),
      ]
      const isOne = earlier + later === 1
      const rest = isLeftOut
        ? `${isOne ? 'n’est pas compris' : 'ne sont pas compris'}`
        : `${isOne ? 'est compris' : 'sont compris'} dans les totaux, mais pas dans les chiffres mensuels`
      return `${counts.join(' et ')} ${rest}.`
    },
    inWords: (hours, value, cost, spent) =>
      `${hours} heures de mentorat ont valu ${value} et coûté ${cost}${spent === null ? '' : ` : ${spent}`}.`,
    againstYearBefore: 'Par rapport aux mêmes mois de l’année précédente',
    figure: 'Chiffre clé',
    percentage: 'Pourcentage',
    onlyNow: currencies => `L’année précédente, il n’y avait aucun résultat dans ces devises : ${currencies}.`,
    total: 'Total',
    startedOn: date => `Créé le ${date}`,
    orderBy: 'Trier par',
    reverse: 'Inverser l’ordre',
    costsMore: 'Le coût est supérieur à la valeur',
    asTable: 'Afficher en tableau',
    hideTable: 'Masquer le tableau',
    noResults: 'aucun résultat',
    nothing: 'Pas encore de résultats.',
    month: 'Mois',
    results: 'Résultats',
    held: 'Séances',
    organisations: 'Les organisations',
    severalOrganisations: count => `${number(count)} organisations`,
    mentors: 'Les mentors',
    more: 'Afficher plus',
  }
}
