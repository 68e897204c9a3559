import type { ErrorMessages } from '../../packages/client/src/errors.js'
import { readSetting } from './browser-settings.js'
import { en } from './words/en'
import { type Grammar, grammarOf } from './words/grammar'
import {
  chooseLanguage,
  defaultChoice,
  type Language,
  type LanguageChoice,
  languageKey,
  languageOf,
} from './words/language'

/**
 * Loads the dashboard's text in a language. English text is bundled with the page. If another language can't be loaded,
 * falls back to English.
 */
async function loadCatalogue(choice: LanguageChoice): Promise<LanguageChoice & { catalogue: typeof en }> {
  try {
    if (choice.language === 'de') return { ...choice, catalogue: (await import('./words/de')).de }
    if (choice.language === 'fr') return { ...choice, catalogue: (await import('./words/fr')).fr }
  } catch {
    return { ...defaultChoice, catalogue: en }
  }
  return { ...choice, catalogue: en }
}

// The page's modules wait for this text catalogue, so a catalogue must not import any of them.
const loaded = await loadCatalogue(chooseLanguage(navigator.languages, languageOf(readSetting(languageKey))))

/** The user's locale, in which numbers, dates and names are formatted. */
export const { locale } = loaded

const grammar = grammarOf(locale)

/** The dashboard's text in the user's language, except text that is loaded on demand with a view. */
export const words = loaded.catalogue(grammar)

/** Returns the text of a lazily loaded view in the user's language. */
export const inLanguage = <Texts>(catalogues: Record<Language, (grammar: Grammar) => Texts>): Texts =>
  catalogues[loaded.language](grammar)

/** Adds a view's error messages for refused requests, keyed by error code. */
export const addRefusals = (texts: ErrorMessages): void => void Object.assign(words.refusals, texts)
