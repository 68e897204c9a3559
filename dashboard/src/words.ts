import type { ErrorMessages } from '../../packages/client/src/errors.js'
import { en } from './words/en'
import { type Grammar, grammarOf } from './words/grammar'
import { chooseLanguage, defaultChoice, type Language, type LanguageChoice } from './words/language'

/**
 * Loads the catalogue of a language. English is part of the page. If another one can't be loaded, all texts are
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

// The page's modules run only after the catalogue is loaded, so a catalogue must not import any of those modules.
const loaded = await loadCatalogue(chooseLanguage(navigator.languages))

/** The user's locale, for numbers, dates and names. */
export const { locale } = loaded

const grammar = grammarOf(locale)

/** All texts of the dashboard but those that load with their views, in the user's language. */
export const words = loaded.catalogue(grammar)

/** Returns texts that load with their view, in the language of the other texts. */
export const inLanguage = <Texts>(catalogues: Record<Language, (grammar: Grammar) => Texts>): Texts =>
  catalogues[loaded.language](grammar)

/** Adds texts of refusals, by code, that load with a view. */
export const addRefusals = (texts: ErrorMessages): void => void Object.assign(words.refusals, texts)
