import type { figuresEn } from './figures-en'

export const figuresDe: typeof figuresEn = ({ counted }) => {
  const results = { one: 'Ergebnis', other: 'Ergebnissen' }
  return {
    report: 'Bericht',
    label: 'Kennzahlen',
    of: (count, withoutCurrency) => `aus ${counted(count, results)}${withoutCurrency ? ' ohne Währung' : ''}`,
    results: count => `aus ${counted(count, results)}`,
    otherCurrencies: 'Nettonutzen in anderen Währungen',
    ratio: 'Nutzen-Kosten-Verhältnis',
    ofRatio: ratio => `Verhältnis ${ratio}`,
    change: 'Veränderung',
    comparedWith: range => `Verglichen mit ${range}`,
    toDate: (months, before) => `Veränderung bisher: ${months}, verglichen mit ${before}`,
    noneOver: 'Kein Vergleich mit dem Vorjahr, weil diese Monate noch nicht vorbei sind',
    nothingBefore: range => `Keine Ergebnisse zum Vergleich (${range})`,
    calculations: 'Berechnungen',
  }
}
