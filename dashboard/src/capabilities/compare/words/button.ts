import type { Grammar } from '../../../words/grammar'
import type { Language } from '../../../words/language'

interface Texts {
  button: string
  comparable(least: number, most: number): string
}

/** The text of the Compare button, which is loaded together with the page. */
export const compareButton: Record<Language, (grammar: Grammar) => Texts> = {
  en: ({ number }) => ({
    button: 'Compare',
    comparable: (least, most) => `Select ${number(least)} to ${number(most)} calculations to compare them.`,
  }),
  de: ({ number }) => ({
    button: 'Vergleichen',
    comparable: (least, most) => `Wählen Sie zum Vergleichen ${number(least)} bis ${number(most)} Berechnungen aus.`,
  }),
  fr: ({ number }) => ({
    button: 'Comparer',
    comparable: (least, most) => `Sélectionnez-en ${number(least)} à ${number(most)} pour les comparer.`,
  }),
}
