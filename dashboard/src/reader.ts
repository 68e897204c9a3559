import { type Choice, choiceOf, english } from './words/choice'
import { en } from './words/en'

/** The catalogue of a language. Beyond English it is loaded only where it is read; if that fails, all is in English. */
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
 * Whom this page is written for: words and formats of one language. Nothing of the page runs before it is there, so that
 * a catalogue may import nothing that the page does.
 */
export const { language, locale, catalogue } = await catalogueOf(choiceOf(navigator.languages))
