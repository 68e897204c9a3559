import { inLanguage } from '../words'
import { webhooksDe } from './webhooks-de'
import { webhooksEn } from './webhooks-en'
import { webhooksFr } from './webhooks-fr'

/** Texts of the views of webhooks. They load with these views. */
export const webhooksWords = inLanguage({ en: webhooksEn, de: webhooksDe, fr: webhooksFr })
