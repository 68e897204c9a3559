import type { shareReportEn } from './en'

export const shareReportFr: typeof shareReportEn = ({ counted }) => ({
  open: 'Partager ce rapport',
  what: 'Toute personne qui a le lien voit le titre, l’organisation, les totaux et les chiffres mensuels. Aucun mentor n’est nommé et aucun calcul n’est montré séparément. Les chiffres restent tels qu’ils sont maintenant.',
  months: range => `Le rapport porte sur ces mois : ${range}.`,
  bothTotals: 'Totaux de cette page et du rapport partagé',
  lastMonths: range =>
    `Aucun mois n’est choisi : le rapport porte donc sur les 12 derniers, ${range}. Ses totaux ne concernent que ces mois.`,
  wholeProgramme: 'L’ensemble du programme',
  title: 'Titre',
  titleHint: 'Toute personne qui a le lien peut le lire',
  oneMentor: 'Un mentor',
  expires: 'Durée de validité du lien',
  days: count => (count === 365 ? '1 an' : counted(count, { one: 'jour', other: 'jours' })),
  submit: 'Partager',
  done: 'Rapport partagé.',
  link: 'Lien vers le rapport partagé',
  visibleUntil: until => `Toute personne qui a ce lien peut voir le rapport jusqu’au ${until}.`,
  noStatus: 'Un rapport filtré par statut ne peut pas être partagé. Retirez ce filtre dans la liste.',
  noOrganisation:
    'Un rapport sur les calculs sans organisation ne peut pas être partagé. Retirez ce filtre dans la liste ou choisissez une organisation.',
  shared: {
    kind: 'Rapport',
    linkUnknown:
      'Ce rapport a été partagé avec une version antérieure, qui n’enregistrait pas le lien. Si vous l’avez perdu, désactivez-le ici et partagez un nouveau rapport.',
    revoke: name => [
      'Le lien vers le rapport ',
      name,
      ' ne fonctionnera plus pour personne. C’est irréversible, mais vous pouvez partager un nouveau rapport.',
    ],
  },
})
