import type { proposalEn } from './proposal-en'

export const proposalFr: typeof proposalEn = {
  from: (who, date) => ['D’après le dernier résultat de ', who, `, ${date}.`],
  suggestions: field => `Suggestions : ${field}`,
  clear: 'Effacer',
}
