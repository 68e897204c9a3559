import { catalogue, locale } from './reader'
import { grammarOf } from './words/grammar'

/** Every text of the dashboard, in the reader's language. */
export const words = catalogue(grammarOf(locale))
