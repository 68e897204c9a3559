import type { Phrase } from '../../../words/grammar'

/** English text of the search field. The text catalogues in other languages have the same structure. */
export const searchEn = () => ({
  label: 'Find',
  hint: 'Mentor, organisation or calculation',
  open: <T>(id: T): Phrase<T> => ['Open ', id],
  nothing: (text: string) => `Nothing begins with “${text}”.`,
})
