import type { shareReportEn } from './share-report-en'

export const shareReportFr: typeof shareReportEn = ({ counted }) => ({
  open: 'Partager ce bilan',
  what: 'Toute personne qui a le lien voit les totaux et les chiffres par mois, mais ni les mentors ni les calculs. Les chiffres restent tels qu’ils sont maintenant.',
  months: range => `Le bilan porte sur ces mois : ${range}.`,
  lastMonths: range =>
    `Aucun mois n’est choisi : le bilan porte donc sur les 12 derniers, ${range}. Ses totaux ne concernent que ces mois.`,
  title: 'Titre',
  titleHint: 'Toute personne qui a le lien peut le lire',
  oneMentor: 'Un mentor',
  expires: 'Durée de validité du lien',
  days: count => (count === 365 ? '1 an' : counted(count, { one: 'jour', other: 'jours' })),
  submit: 'Partager',
  done: 'Bilan partagé.',
  link: 'Lien vers le bilan partagé',
  visibleUntil: until => `Toute personne qui a ce lien peut voir le bilan jusqu’au ${until}.`,
  noStatus: 'Pour partager ce bilan, retirez le filtre de statut dans la liste.',
  noOrganisation: 'Vous pouvez partager un bilan sur l’ensemble du programme, une organisation ou un mentor.',
})
