import type { Request, Response } from 'express'
import { de } from './words/de'
import { en, type Words } from './words/en'
import { fr } from './words/fr'

const catalogues: Record<string, Words> = { en, de, fr }

/** A language of the pages, with the locale of its numbers and times. */
export interface Language {
  name: string
  locale: string
  words: Words
}

/**
 * Returns the language that the request prefers among those of the pages; English if it names none of them (RFC 9110
 * §12.5.4).
 */
export function languageOf(request: Request): Language {
  for (const tag of request.acceptsLanguages()) {
    const name = tag.toLowerCase().split('-', 1)[0] as string
    const words = Object.hasOwn(catalogues, name) ? catalogues[name] : undefined
    if (words && isLocale(tag)) return { name, locale: tag, words }
  }
  return { name: 'en', locale: 'en', words: en }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0
  } catch {
    return false
  }
}

/** Sets `Content-Language` and adds `Accept-Language` to `Vary`. */
export function stateLanguage(response: Response, { name }: Language): void {
  response.vary('Accept-Language')
  response.setHeader('Content-Language', name)
}
