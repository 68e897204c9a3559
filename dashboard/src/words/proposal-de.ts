import type { proposalEn } from './proposal-en'

export const proposalDe: typeof proposalEn = {
  from: (who, date) => ['Aus dem neuesten Ergebnis von ', who, `, ${date}.`],
  suggestions: field => `Vorschläge: ${field}`,
  clear: 'Leeren',
}
