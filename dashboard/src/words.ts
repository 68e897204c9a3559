import type { ErrorMessages } from '../../packages/client/src/errors.js'
import { recall } from './remembered'
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
 * Loads the catalogue of a language. English is part of the page. If another catalogue can't be loaded, all texts are
 * in English.
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

// The page's modules run only after the catalogue is loaded, so a catalogue must not import any of those modules.
const loaded = await loadCatalogue(chooseLanguage(navigator.languages, languageOf(recall(languageKey))))

/** The user's locale, for numbers, dates and names. */
export const { locale } = loaded

const grammar = grammarOf(locale)

/** Texts of the dashboard in the user's language, except those that are loaded with their views. */
export const words = loaded.catalogue(grammar)

/** Returns texts that are loaded with their view, in the same language as the other texts. */
export const inLanguage = <Texts>(catalogues: Record<Language, (grammar: Grammar) => Texts>): Texts =>
  catalogues[loaded.language](grammar)

/** Adds the texts of refusals that a view loads. The keys are codes. */
export const addRefusals = (texts: ErrorMessages): void => void Object.assign(words.refusals, texts)
