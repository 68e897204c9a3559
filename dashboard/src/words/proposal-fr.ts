import type { proposalEn } from './proposal-en'

export const proposalFr: typeof proposalEn = {
  from: (who, date) => ['Valeurs reprises du dernier résultat de ', who, `, ${date}. Rien n’est encore enregistré.`],
  suggestions: field => `Suggestions : ${field}`,
  clear: 'Effacer',
}
