import type { sourcesEn } from './sources-en'

export const sourcesFr: typeof sourcesEn = ({ number }) => ({
  heading: 'D’où viennent les valeurs par heure',
  source: 'Source',
  values: 'Valeurs par heure',
  none: 'Aucune source indiquée',
  range: (low, high, count) => `de ${low} à ${high} (${number(count)} valeurs)`,
  newest: (read, total) => `D’après les ${number(read)} calculs les plus récents, parmi ${number(total)}.`,
})
