import type { reportEn } from './report-en'

export const reportFr: typeof reportEn = ({ number, counted }) => {
  const results = (count: number): string =>
    counted(count, { one: 'résultat', many: 'de résultats', other: 'résultats' })
  return {
    open: 'Bilan',
    title: of => `${of} – bilan`,
    programme: 'L’ensemble du programme',
    noOrganisation: 'Sans organisation',
    of: (mentor, organisation) =>
      mentor === null
        ? ['Organisation ', organisation as NonNullable<typeof organisation>]
        : ['Mentor ', mentor, ...(organisation === null ? [] : [' chez ', organisation])],
    above: 'Bilans d’ensemble',
    back: 'Ces calculs',
    asOf: time => `État au ${time}`,
    last: 'Mois affichés',
    lastMonths: count => `Les ${number(count)} derniers`,
    totals: 'Totaux par devise',
    totalsOf: count =>
      `Sur ${results(count)} au total. Les montants de devises différentes ne sont jamais additionnés.`,
    byMonth: 'Valeur et coût par mois',
    inMonths: (count, total) =>
      `Résultats de ces mois : ${number(count)} sur ${number(total)}. Un résultat compte dans le mois où sa période se termine, ou dans celui où il a été calculé.`,
    chart: (months, withResults, count) =>
      `Valeur et coût par mois, ${months} : ${number(withResults)} mois sur ${number(count)} avec des résultats. Le tableau qui suit donne les chiffres.`,
    costsMore: 'Coût supérieur à la valeur',
    asTable: 'La même chose en tableau',
    noResults: 'aucun résultat',
    nothing: 'Il n’y a pas encore de résultat. Dès qu’il y en aura un, son bilan se trouvera ici.',
    month: 'Mois',
    results: 'Résultats',
    held: 'Séances',
    organisations: 'Les organisations',
    mentors: 'Les mentors',
    shown: (shown, total) => `${number(shown)} sur ${number(total)} sont affichés.`,
    more: 'Afficher la suite',
  }
}
