import type { sharedEn } from './shared-en'

export const sharedFr: typeof sharedEn = ({ number }) => ({
  heading: 'Partages',
  what: 'Toute personne qui a l’un de ces liens peut l’ouvrir. Les consultations sont comptées, mais aucun nom n’est enregistré.',
  nothing:
    'Rien n’est partagé pour le moment. Pour partager un résultat, ouvrez son calcul et appuyez sur « Partager le résultat ».',
  result: 'Résultat',
  viewed: count =>
    count === 0 ? 'Pas encore consulté' : count === 1 ? 'Consulté une fois' : `Consulté ${number(count)} fois`,
  until: until => `Valable jusqu’au ${until}`,
  link: of => `Lien : ${of}`,
  more: 'Afficher plus',
  revoke: {
    action: 'Désactiver le lien',
    keep: 'Le garder',
    heading: 'Désactiver ce lien ?',
    result: name => [
      'Le lien vers ',
      name,
      ' ne fonctionnera plus pour personne. Vous pouvez partager de nouveau le résultat à tout moment, avec un nouveau lien.',
    ],
    done: 'Le lien est désactivé.',
  },
  expiry: {
    label: 'Durée de validité du lien',
    days: days => (days === 365 ? '1 an' : `${number(days)} jours`),
    change: 'Modifier la durée de validité',
    fromToday: 'Valable à partir d’aujourd’hui pendant',
    same: until =>
      `Ce lien a déjà cette durée de validité : il reste valable jusqu’au ${until}. Pour le prolonger, choisissez une autre durée.`,
    done: until => `Le lien est maintenant valable jusqu’au ${until}.`,
  },
})
