export const languages = ['en', 'de', 'fr'] as const
export type Language = (typeof languages)[number]

export interface Choice {
  language: Language
  /** The regional form that numbers, dates and names are written in: one of the same language. */
  locale: string
}

/** The first of a reader's languages that there are words in; English where there is none. */
export function choiceOf(preferred: readonly string[]): Choice {
  for (const locale of preferred) {
    const language = languages.find(language => new RegExp(`^${language}(-|$)`, 'i').test(locale))
    if (language && Intl.NumberFormat.supportedLocalesOf(locale).length > 0) return { language, locale }
  }
  return english
}

export const english: Choice = { language: 'en', locale: 'en-GB' }
