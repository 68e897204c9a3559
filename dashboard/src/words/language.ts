export const languages = ['en', 'de', 'fr'] as const
export type Language = (typeof languages)[number]

export interface LanguageChoice {
  language: Language
  /** Language with an optional region, used for formatting numbers, dates and names. */
  locale: string
}

/** Storage key under which the user's chosen language is stored. */
export const languageKey = 'language'

export const languageOf = (code: string | null): Language | undefined => languages.find(language => language === code)

/**
 * Returns the language that the user chose, otherwise the first of the browser's languages that the dashboard supports,
 * otherwise English. The locale keeps the browser's region if the region belongs to this language.
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
