export const languages = ['en', 'de', 'fr'] as const
export type Language = (typeof languages)[number]

export interface LanguageChoice {
  language: Language
  /** Regional form of the language, for numbers, dates and names. */
  locale: string
}

/** Returns the first of the user's languages that has a catalogue, or English if none has. */
export function chooseLanguage(preferred: readonly string[]): LanguageChoice {
  for (const locale of preferred) {
    const language = languages.find(language => new RegExp(`^${language}(-|$)`, 'i').test(locale))
    if (language && Intl.NumberFormat.supportedLocalesOf(locale).length > 0) return { language, locale }
  }
  return defaultChoice
}

export const defaultChoice: LanguageChoice = { language: 'en', locale: 'en-GB' }
