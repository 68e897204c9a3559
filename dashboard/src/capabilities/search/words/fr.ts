import type { searchEn } from './en'

export const searchFr: typeof searchEn = () => ({
  label: 'Rechercher',
  hint: 'Mentor, organisation ou calcul',
  open: id => ['Ouvrir ', id],
  nothing: text => `Rien ne commence par « ${text} ».`,
})
