import type { reportEn } from './report-en'

export const reportDe: typeof reportEn = ({ number, counted }) => {
  return {
    open: 'Bericht',
    title: of => `${of} – Bericht`,
    programme: 'Das ganze Programm',
    noOrganisation: 'Ohne Organisation',
    of: (mentor, organisation) =>
      mentor === null
        ? ['Organisation ', organisation as NonNullable<typeof organisation>]
        : ['Mentor/-in ', mentor, ...(organisation === null ? [] : [' bei ', organisation])],
    above: 'Übergeordnete Berichte',
    back: 'Diese Berechnungen',
    asOf: time => `Stand: ${time}`,
    last: 'Gezeigte Monate',
    lastMonths: count => `Die letzten ${number(count)}`,
    totals: 'Summen nach Währung',
    totalsOf: count =>
      `Aus ${counted(count, { one: 'Ergebnis', other: 'Ergebnissen' })} insgesamt. Beträge in verschiedenen Währungen werden nie addiert.`,
    byMonth: 'Wert und Kosten nach Monat',
    inMonths: (count, total) =>
      `${number(count)} von ${counted(total, { one: 'Ergebnis', other: 'Ergebnissen' })} ${count === 1 ? 'fällt' : 'fallen'} in diese Monate: Ein Ergebnis zählt in dem Monat, in dem sein Zeitraum endet, oder in dem es berechnet wurde.`,
    chart: (months, withResults, count) =>
      `Wert und Kosten nach Monat, ${months}: ${number(withResults)} von ${counted(count, { one: 'Monat', other: 'Monaten' })} mit Ergebnissen. Die Zahlen stehen in der folgenden Tabelle.`,
    costsMore: 'Kosten höher als der Wert',
    asTable: 'Dasselbe als Tabelle',
    noResults: 'keine Ergebnisse',
    nothing: 'Es gibt noch kein Ergebnis. Sobald es eines gibt, steht hier, was es ergibt.',
    month: 'Monat',
    results: 'Ergebnisse',
    held: 'Treffen',
    organisations: 'Organisationen',
    mentors: 'Mentorinnen und Mentoren',
    shown: (shown, total) => `${number(shown)} von ${number(total)} werden gezeigt.`,
    more: 'Mehr anzeigen',
  }
}
