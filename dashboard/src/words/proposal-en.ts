import type { Phrase } from './grammar'

/** English texts for the values that a new calculation takes from an earlier one. Every other catalogue has the same shape. */
export const proposalEn = {
  from: <T>(who: T, date: string): Phrase<T> => ['From ', who, `’s latest result, ${date}.`],
  clear: 'Clear',
}
