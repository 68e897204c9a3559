import type { figuresEn } from './figures-en'

export const figuresDe: typeof figuresEn = ({ number, counted }) => {
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
    nothingBefore: range => `Keine Ergebnisse zum Vergleich (${range})`,
    calculations: 'Berechnungen',
    aMinute: 'Ergebnisse pro Minute',
    at: (count, time) => [count, ' um ', time],
    inLastMinutes: (count, minutes) => [
      count,
      minutes === 1 ? ' in der letzten Minute' : ` in den letzten ${number(minutes)} Minuten`,
    ],
    minutes: (minutes, total, most) =>
      `Ergebnisse in jeder der letzten ${number(minutes)} Minuten: insgesamt ${number(total)}, höchstens ${number(most)} in einer Minute.`,
    search: {
      label: 'Suchen',
      hint: 'Mentor/-in, Organisation, Berechnung',
      open: id => [id, ' öffnen'],
      nothing: text => `Nichts enthält „${text}“.`,
      newest: 'Nur die neuesten Berechnungen wurden durchsucht.',
    },
  }
}
