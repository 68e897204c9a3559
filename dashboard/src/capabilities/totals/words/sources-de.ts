import type { sourcesEn } from './sources-en'

export const sourcesDe: typeof sourcesEn = ({ number, counted }) => ({
  heading: 'Woher die Werte pro Stunde stammen',
  source: 'Quelle',
  values: 'Werte pro Stunde',
  none: 'Ohne Quellenangabe',
  range: (low, high, count) => `${low} bis ${high} (${number(count)} Werte)`,
  newest: (read, total) =>
    `Aus den neuesten ${number(read)} von ${counted(total, { one: 'Berechnung', other: 'Berechnungen' })}.`,
})
