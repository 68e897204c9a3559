import { addRefusals, inLanguage } from '../../words'
import { keysDe } from './words/de'
import { keysEn } from './words/en'
import { keysFr } from './words/fr'

/** The text of the service keys view, which is loaded together with the view. */
export const keysWords = inLanguage({ en: keysEn, de: keysDe, fr: keysFr })

addRefusals(keysWords.refusals)
