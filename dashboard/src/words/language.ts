export const languages = ['en', 'de', 'fr'] as const
export type Language = (typeof languages)[number]

export interface LanguageChoice {
  language: Language
  /** Language with a region, for formatting numbers, dates and names. */
  locale: string
}

/** Storage key of the language that the user chose. */
export const languageKey = 'language'

export const languageOf = (code: string | null): Language | undefined => languages.find(language => language === code)

/**
 * Returns the language that the user chose, otherwise the browser's first language with a catalogue, otherwise English.
 * The locale keeps the browser's region if it belongs to this language.
 */
export function chooseLanguage(preferred: readonly string[], chosen?: Language): LanguageChoice {
  for (const locale of preferred) {
    const language = languages.find(language => new RegExp(`^${language}(-|$)`, 'i').test(locale))
    if (!language || (chosen && chosen !== language)) continue
    if (Intl.NumberFormat.supportedLocalesOf(locale).length > 0) return { language, locale }
  }
  return chosen && chosen !== defaultChoice.language ? { language: chosen, locale: chosen } : defaultChoice
}

export const defaultChoice: LanguageChoice = { language: 'en', locale: 'en-GB' }
