import type { Write } from '../../db/store'
import { beginningOf, folded, foldedWords } from '../../domain/folding'
import type { Change } from '../../domain/session'

/** Maximum number of words that a search looks for. */
export const searchedWordsAtMost = 10

type Text = string | null | undefined

/** A session's texts that a search covers. */
export interface SearchedTexts {
  label: Text
  mentor_id: string
  organisation_id: string | null
}

/** Returns the distinct words by which a session is indexed. A session without a label is not indexed. */
export const indexedWords = ({ label, mentor_id, organisation_id }: SearchedTexts): string[] =>
  label ? [...new Set([label, mentor_id, organisation_id ?? ''].flatMap(foldedWords))] : []

/** Whether a change can change a session's label, owner or state. */
const changesWords = ({ transition, result, reassignment }: Change): boolean =>
  result !== undefined || reassignment !== undefined || transition.result_id === null || transition.to === 'closed'

/** Implements `StorePart.fields`: stores the words in `search`. A closed session has no words. */
export function searchFields({ session, changes }: Write): { search?: string[] | undefined } {
  if (!changes.some(changesWords)) return {}
  const { state, result, mentor_id, organisation_id } = session
  const words = indexedWords({ label: state === 'closed' ? null : result?.inputs.label, mentor_id, organisation_id })
  return { search: words.length > 0 ? words : undefined }
}

/**
 * Returns the folded words to search for. If there are too many words, drops the shortest words. Drops a word that
 * begins another word, because it matches wherever the longer word matches.
 */
export function searchedWords(text: string): string[] {
  const words = foldedWords(text).sort((a, b) => b.length - a.length)
  return words
    .filter((word, i) => !words.slice(0, i).some(longer => longer.startsWith(word)))
    .slice(0, searchedWordsAtMost)
}

/** Returns a function that tells whether each of the folded words begins a word in one of the texts. */
export function matcherOf(words: readonly string[]): (...texts: Text[]) => boolean {
  return (...texts) => {
    const whole = texts.map(text => folded(text ?? '')).join('\n')
    return words.every(word => beginningOf(word, whole) >= 0)
  }
}
