import { addRefusals, inLanguage } from '../../words'
import { webhooksDe } from './words/de'
import { webhooksEn } from './words/en'
import { webhooksFr } from './words/fr'

/** Texts of the views of webhooks. They load with these views. */
export const webhooksWords = inLanguage({ en: webhooksEn, de: webhooksDe, fr: webhooksFr })

addRefusals(webhooksWords.refusals)
