import type { searchEn } from './en'

export const searchDe: typeof searchEn = () => ({
  label: 'Suchen',
  hint: 'Mentor/-in, Organisation, Berechnung',
  open: id => [id, ' öffnen'],
  nothing: text => `Nichts beginnt mit „${text}“.`,
})
