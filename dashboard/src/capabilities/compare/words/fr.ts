import type { compareEn } from './en'

export const compareFr: typeof compareEn = ({ number }) => ({
  heading: 'Comparer des calculs',
  lead: 'Sous chaque chiffre figure son écart avec le premier calcul.',
  tooFew: (least, most) => `Sélectionnez ${number(least)} à ${number(most)} calculs dans la liste pour les comparer.`,
  numbers: 'Chiffres',
  result: 'Résultat',
  range: 'Avec la valeur par heure la plus basse et la plus haute',
  withLowest: output => `${output}, au plus bas`,
  withHighest: output => `${output}, au plus haut`,
  makeFirst: 'Comparer avec celui-ci',
  makeFirstOf: name => `Comparer avec celui-ci : ${name}`,
  remove: name => `Retirer ${name}`,
  deleted: 'Ce calcul a été supprimé.',
  noResult: 'Ce calcul n’a pas encore de résultat.',
  more: (amount, percent) => `${amount} de plus${percent ? ` (${percent})` : ''}`,
  less: (amount, percent) => `${amount} de moins${percent ? ` (${percent})` : ''}`,
  points: difference => `${difference} points`,
  same: 'identique',
  changed: name => `${name} a un nouveau résultat.`,
})
