import type { proposalEn } from './proposal-en'

export const proposalDe: typeof proposalEn = {
  from: (who, date) => ['Übernommen aus dem neuesten Ergebnis von ', who, `, ${date}. Noch ist nichts gespeichert.`],
  suggestions: field => `Vorschläge: ${field}`,
  clear: 'Leeren',
}
