import { addRefusals, inLanguage } from '../../words'
import { webhooksDe } from './words/de'
import { webhooksEn } from './words/en'
import { webhooksFr } from './words/fr'

/** Texts of the webhook views. They are loaded with these views. */
export const webhooksWords = inLanguage({ en: webhooksEn, de: webhooksDe, fr: webhooksFr })

addRefusals(webhooksWords.refusals)
