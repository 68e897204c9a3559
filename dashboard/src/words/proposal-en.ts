import type { Phrase } from './grammar'

/**
 * English text about the values that are proposed for a new calculation. The text catalogues in other languages have
 * the same structure.
 */
export const proposalEn = {
  from: <T>(who: T, date: string): Phrase<T> => [
    'Filled in from ',
    who,
    `’s latest result, ${date}. Nothing is saved yet.`,
  ],
  suggestions: (field: string) => `Suggestions: ${field}`,
  clear: 'Clear',
}
