import { catalogue, locale } from './reader'
import { grammarOf } from './words/grammar'

/** All texts of the dashboard, in the user's language. */
export const words = catalogue(grammarOf(locale))
