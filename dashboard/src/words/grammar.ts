/** Returns functions that format counts, plurals and lists in a language. */
export function grammarOf(locale: string) {
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 })
  const rules = new Intl.PluralRules(locale)
  const choices = new Intl.ListFormat(locale, { type: 'disjunction' })
  return {
    number: (value: number): string => numbers.format(value),
    plural: (count: number, forms: Forms): string => forms[rules.select(count)] ?? forms.other,
    /** Returns a number followed by a noun in its singular or plural form. */
    counted: (count: number, forms: Forms): string =>
      `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`,
    either: (choice: readonly string[]): string => choices.format(choice),
  }
}

export type Grammar = ReturnType<typeof grammarOf>

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** A sentence that can contain elements, such as links. */
export type Phrase<T> = (T | string)[]
