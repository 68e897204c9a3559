import type { reportEn } from './report-en'

export const reportFr: typeof reportEn = ({ number, counted }) => {
  const results = (count: number): string =>
    counted(count, { one: 'résultat', many: 'de résultats', other: 'résultats' })
  return {
    title: of => `${of} – bilan`,
    programme: 'L’ensemble du programme',
    noOrganisation: 'Sans organisation',
    of: (mentor, organisation) =>
      mentor === null
        ? ['Organisation ', organisation as NonNullable<typeof organisation>]
        : ['Mentor ', mentor, ...(organisation === null ? [] : [' chez ', organisation])],
    above: 'Bilans qui comprennent celui-ci',
    back: 'Retour à la liste',
    totals: 'Totaux par devise',
    totalsOf: count => `Sur ${results(count)}. Les montants de devises différentes ne sont jamais additionnés.`,
    byMonth: 'Valeur et coût par mois',
    inMonths: (count, total) =>
      `Sur ${total > 1 ? 'les ' : ''}${results(total)} dans cette devise, ${number(count)} ${count > 1 ? 'sont' : 'est'} dans ces mois. Un résultat compte dans le mois où sa période se termine ou, sans période, dans celui où il a été calculé.`,
    costsMore: 'Le coût est supérieur à la valeur',
    asTable: 'Afficher en tableau',
    noResults: 'aucun résultat',
    nothing: 'Pas encore de résultat. Ils apparaîtront ici dès qu’il y en aura.',
    month: 'Mois',
    results: 'Résultats',
    held: 'Séances',
    organisations: 'Les organisations',
    mentors: 'Les mentors',
    more: 'Afficher plus',
  }
}
