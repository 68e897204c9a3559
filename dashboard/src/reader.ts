import { type Choice, choiceOf, english } from './words/choice'
import { en } from './words/en'

/**
 * Loads the catalogue of a language. English is part of the page. If another one can't be loaded, all texts are
 * English.
 */
async function catalogueOf(choice: Choice): Promise<Choice & { catalogue: typeof en }> {
  try {
    if (choice.language === 'de') return { ...choice, catalogue: (await import('./words/de')).de }
    if (choice.language === 'fr') return { ...choice, catalogue: (await import('./words/fr')).fr }
  } catch {
    return { ...english, catalogue: en }
  }
  return { ...choice, catalogue: en }
}

/**
 * Language, locale and catalogue of this page. The page's modules run only after they are loaded, so a catalogue must
 * not import any of those modules.
 */
export const { language, locale, catalogue } = await catalogueOf(choiceOf(navigator.languages))
