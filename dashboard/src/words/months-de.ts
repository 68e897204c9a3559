import type { monthsEn } from './months-en'

export const monthsDe: typeof monthsEn = ({ number, counted }) => {
  const ofResults = (count: number): string => counted(count, { one: 'Ergebnis', other: 'Ergebnissen' })
  const inRange = (first: string | null, last: string | null): string => {
    if (first === null) return `bis ${last}`
    if (last === null) return `ab ${first}`
    return first === last ? `im ${first}` : `von ${first} bis ${last}`
  }
  return {
    label: 'Monate',
    all: 'Alle Monate',
    presets: {
      thisMonth: 'Dieser Monat',
      last12: 'Die letzten 12 Monate',
      thisYear: 'Dieses Kalenderjahr',
      lastYear: 'Letztes Kalenderjahr',
      thisFinancialYear: 'Dieses Geschäftsjahr',
      lastFinancialYear: 'Letztes Geschäftsjahr',
    },
    other: 'Andere Monate',
    from: 'Von',
    to: 'Bis',
    any: 'Beliebig',
    tooMany: most =>
      `Höchstens ${number(most)} Monate sind möglich. Wählen Sie einen späteren Beginn oder ein früheres Ende.`,
    since: first => `ab ${first}`,
    until: last => `bis ${last}`,
    withResult: (isFiltered, first, last) =>
      `${isFiltered ? 'Gefilterte Berechnungen' : 'Berechnungen'} mit Ergebnis ${inRange(first, last)}`,
    counts: {
      allMonths: shown => `Die Summen gelten für alle Monate. Die Monatsübersicht zeigt die letzten 12: ${shown}.`,
      inCurrency: (count, total, currency) =>
        `${number(count)} von ${ofResults(total)} ${count === 1 ? 'ist' : 'sind'} in ${currency}.`,
      withoutCurrency: (count, total) =>
        `${number(count)} von ${ofResults(total)} ${count === 1 ? 'hat' : 'haben'} keine Währung.`,
      withoutResult: count =>
        `${counted(count, { one: 'Berechnung hat', other: 'Berechnungen haben' })} noch kein Ergebnis.`,
      rowsIn: currency =>
        `Beträge und Zahl der Ergebnisse gelten nur für ${currency}. Die Zahl der Berechnungen umfasst alle Währungen.`,
      rowsWithoutCurrency:
        'Beträge und Zahl der Ergebnisse gelten nur für Ergebnisse ohne Währung. Die Zahl der Berechnungen umfasst alle Währungen.',
      ofAll: (count, total) => `${number(count)} von ${number(total)}`,
    },
    noResults: 'Keine Ergebnisse in diesen Monaten.',
  }
}
