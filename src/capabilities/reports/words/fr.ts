import type { ReportWords } from './en'

export const reportFr: ReportWords = {
  title: 'Rapport sur un programme de mentorat',
  description:
    'Un rapport partagé : ce qu’un programme de mentorat a coûté durant ces mois, et ce que vaut le temps de mentorat.',
  allOrganisations: 'Toutes les organisations',
  months: (from, to) => `${from} – ${to}`,
  sums: 'Totaux',
  sumsIn: currency => `Totaux en ${currency}`,
  counted: 'Ce qui a été compté',
  mentors: 'Nombre de mentors',
  results: 'Nombre de résultats',
  nothing: 'Il n’y a pas de résultat pour ces mois.',
  changesFrom: range => `Par rapport à ${range}.`,
  changesToDate: (range, before) => `Évolution à ce jour : ${range}, par rapport à ${before}.`,
  noneOver: 'Pas de comparaison avec l’année précédente, car ces mois n’étaient pas terminés.',
  nothingBefore: range => `Ce rapport ne contient aucun résultat pour une comparaison avec ${range}.`,
  otherCurrencies: 'Bénéfice net dans d’autres devises',
  ofRatio: ratio => `ratio ${ratio}`,
  trend: 'Mois par mois',
  trendIn: currency => `Mois par mois, en ${currency}`,
  picture: (from, to) =>
    `Valeur du temps de mentorat et coût du programme pour chaque mois, de ${from} à ${to}. Les chiffres sont dans le tableau.`,
  month: 'Mois',
  total: 'Total',
  monthOf:
    'Un résultat est compté dans le mois où sa période se termine. Sans période, il est compté dans le mois où il a été calculé.',
  made: (at, until) => [
    'Établi le ',
    at,
    '. Les modifications ultérieures ne figurent pas dans ce rapport. Ce lien fonctionne jusqu’au ',
    until,
    '.',
  ],
  noReportKind: 'Rapport partagé',
  withdrawn: {
    heading: 'Ce rapport n’est plus partagé',
    lead: 'Le lien a été désactivé ou a expiré. Demandez-en un nouveau à la personne qui vous l’a envoyé.',
  },
  mistyped: {
    heading: 'Ce lien ne mène à aucun rapport',
    lead: 'Vérifiez que vous avez copié tout le lien, ou demandez-en un nouveau à la personne qui vous l’a envoyé.',
  },
}
