import type { selectedEn } from './selected-en'

export const selectedFr: typeof selectedEn = ({ number, counted }) => ({
  select: name => `Sélectionner ${name}`,
  selectAll: 'Sélectionner tous les calculs chargés',
  all: 'Tous',
  label: 'Calculs sélectionnés',
  count: count => counted(count, { one: 'sélectionné', other: 'sélectionnés' }),
  full: most => `Vous pouvez sélectionner ${number(most)} calculs au plus.`,
  exportable: most => `Vous pouvez en exporter ${number(most)} au plus à la fois.`,
  clear: 'Tout désélectionner',
  delete: 'Supprimer',
  details: 'Définir les détails',
  deleted: {
    label: 'Calculs supprimés',
    count: count =>
      counted(count, { one: 'calcul supprimé', many: 'de calculs supprimés', other: 'calculs supprimés' }),
    undo: 'Annuler la suppression',
    hide: 'Masquer',
  },
})
