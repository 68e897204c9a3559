import type { shareReportEn } from './en'

export const shareReportFr: typeof shareReportEn = ({ counted }) => ({
  open: 'Partager ce bilan',
  what: 'Toute personne qui a le lien voit votre titre, l’organisation, les totaux et les chiffres par mois. Aucun mentor n’est nommé et aucun calcul n’est montré séparément. Les chiffres restent tels qu’ils sont maintenant.',
  months: range => `Le bilan porte sur ces mois : ${range}.`,
  lastMonths: range =>
    `Aucun mois n’est choisi : le bilan porte donc sur les 12 derniers, ${range}. Ses totaux ne concernent que ces mois.`,
  wholeProgramme: 'L’ensemble du programme',
  title: 'Titre',
  titleHint: 'Toute personne qui a le lien peut le lire',
  oneMentor: 'Un mentor',
  expires: 'Durée de validité du lien',
  days: count => (count === 365 ? '1 an' : counted(count, { one: 'jour', other: 'jours' })),
  submit: 'Partager',
  done: 'Bilan partagé.',
  link: 'Lien vers le bilan partagé',
  visibleUntil: until => `Toute personne qui a ce lien peut voir le bilan jusqu’au ${until}.`,
  noStatus: 'Un bilan filtré par statut ne peut pas être partagé. Retirez ce filtre dans la liste.',
  noOrganisation:
    'Un bilan des calculs sans organisation ne peut pas être partagé. Retirez ce filtre dans la liste ou choisissez une organisation.',
  shared: {
    kind: 'Rapport',
    programme: 'Tout le programme',
    linkUnknown:
      'Une version antérieure a créé ce rapport, et son lien n’est pas enregistré. Si vous l’avez perdu, révoquez-le ici et partagez un nouveau rapport.',
    revoke: name => [
      'Le lien vers le rapport ',
      name,
      ' ne fonctionnera plus pour personne. C’est irréversible, mais vous pouvez partager un nouveau rapport.',
    ],
  },
})
