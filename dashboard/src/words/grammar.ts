/** What a catalogue makes its sentences with: counts, plurals and lists as the reader's language has them. */
export function grammarOf(locale: string) {
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 })
  const rules = new Intl.PluralRules(locale)
  const choices = new Intl.ListFormat(locale, { type: 'disjunction' })
  return {
    number: (value: number): string => numbers.format(value),
    /** The form that goes with a count. */
    plural: (count: number, forms: Forms): string => forms[rules.select(count)] ?? forms.other,
    /** The count, and the form that goes with it. */
    counted: (count: number, forms: Forms): string =>
      `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`,
    either: (choice: readonly string[]): string => choices.format(choice),
  }
}

export type Grammar = ReturnType<typeof grammarOf>

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** A sentence of which parts are elements of the page. */
export type Phrase<T> = (T | string)[]
