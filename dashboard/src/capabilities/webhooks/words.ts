import { addRefusals, inLanguage } from '../../words'
import { webhooksDe } from './words/de'
import { webhooksEn } from './words/en'
import { webhooksFr } from './words/fr'

/** The webhook views' text, which is loaded together with the views. */
export const webhooksWords = inLanguage({ en: webhooksEn, de: webhooksDe, fr: webhooksFr })

addRefusals(webhooksWords.refusals)
