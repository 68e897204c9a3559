import type { reportEn } from './report-en'

export const reportDe: typeof reportEn = ({ number, counted }) => {
  return {
    title: of => `${of} – Bericht`,
    programme: 'Das ganze Programm',
    noOrganisation: 'Ohne Organisation',
    of: (mentor, organisation) =>
      mentor === null
        ? ['Organisation ', organisation as NonNullable<typeof organisation>]
        : ['Mentor/-in ', mentor, ...(organisation === null ? [] : [' bei ', organisation])],
    above: 'Berichte, die diesen enthalten',
    back: 'Zurück zur Liste',
    totals: 'Summen nach Währung',
    totalsOf: count =>
      `Aus ${counted(count, { one: 'Ergebnis', other: 'Ergebnissen' })}. Beträge in verschiedenen Währungen werden nie addiert.`,
    byMonth: 'Wert und Kosten nach Monat',
    inMonths: (count, total) =>
      `${number(count)} von ${total === 1 ? '' : 'den '}${counted(total, { one: 'Ergebnis', other: 'Ergebnissen' })} in dieser Währung ${count === 1 ? 'liegt' : 'liegen'} in diesen Monaten. Ein Ergebnis zählt in dem Monat, in dem sein Zeitraum endet, oder ohne Zeitraum in dem, in dem es berechnet wurde.`,
    costsMore: 'Die Kosten sind höher als der Wert',
    asTable: 'Als Tabelle anzeigen',
    noResults: 'keine Ergebnisse',
    nothing: 'Noch keine Ergebnisse. Sie erscheinen hier, sobald es welche gibt.',
    month: 'Monat',
    results: 'Ergebnisse',
    held: 'Treffen',
    organisations: 'Organisationen',
    mentors: 'Mentorinnen und Mentoren',
    more: 'Mehr anzeigen',
  }
}
