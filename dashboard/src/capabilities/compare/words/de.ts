import type { compareEn } from './en'

export const compareDe: typeof compareEn = ({ number }) => ({
  heading: 'Berechnungen vergleichen',
  lead: 'Unter jeder Zahl steht der Unterschied zur ersten Berechnung.',
  tooFew: (least, most) =>
    `Wählen Sie in der Liste ${number(least)} bis ${number(most)} Berechnungen aus, um sie zu vergleichen.`,
  numbers: 'Zahlen',
  result: 'Ergebnis',
  range: 'Mit dem niedrigsten und höchsten Wert pro Stunde',
  withLowest: output => `${output}, niedrigster Wert`,
  withHighest: output => `${output}, höchster Wert`,
  makeFirst: 'Mit dieser vergleichen',
  makeFirstOf: name => `Mit dieser vergleichen: ${name}`,
  remove: name => `${name} entfernen`,
  deleted: 'Diese Berechnung wurde gelöscht.',
  noResult: 'Diese Berechnung hat noch kein Ergebnis.',
  more: (amount, percent) => `${amount} mehr${percent ? ` (${percent})` : ''}`,
  less: (amount, percent) => `${amount} weniger${percent ? ` (${percent})` : ''}`,
  points: difference => `${difference} Prozentpunkte`,
  same: 'gleich',
  changed: name => `${name} hat ein neues Ergebnis.`,
})
