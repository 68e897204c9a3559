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
 * Loads the text in a language. English is bundled with the page. If another language can't be loaded, falls back to
 * English.
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

// The page's modules run only after this catalogue is loaded, so a catalogue must not import any of them.
const loaded = await loadCatalogue(chooseLanguage(navigator.languages, languageOf(readSetting(languageKey))))

/** The user's locale. Numbers, dates and names are formatted in it. */
export const { locale } = loaded

const grammar = grammarOf(locale)

/** Text of the dashboard in the user's language, except text that is loaded together with a view. */
export const words = loaded.catalogue(grammar)

/** Returns the text of a lazily loaded view in the user's language. */
export const inLanguage = <Texts>(catalogues: Record<Language, (grammar: Grammar) => Texts>): Texts =>
  catalogues[loaded.language](grammar)

/** Adds a view's messages for refused requests, by error code. */
export const addRefusals = (texts: ErrorMessages): void => void Object.assign(words.refusals, texts)
