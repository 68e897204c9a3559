import type { Phrase } from './grammar'

/** English texts for what is proposed for a new calculation. Every other catalogue has the same shape. */
export const proposalEn = {
  from: <T>(who: T, date: string): Phrase<T> => ['From ', who, `’s latest result, ${date}.`],
  suggestions: (field: string) => `Suggestions: ${field}`,
  clear: 'Clear',
}
