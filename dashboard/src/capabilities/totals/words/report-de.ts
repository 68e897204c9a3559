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
    totals: 'Summen nach Währung',
    totalsOf: count =>
      `Aus ${counted(count, { one: 'Ergebnis', other: 'Ergebnissen' })}. Beträge in verschiedenen Währungen werden nie addiert.`,
    byMonth: 'Wert und Kosten pro Monat',
    inMonths: (count, total) =>
      `${number(count)} von den ${counted(total, { one: 'Ergebnis', other: 'Ergebnissen' })} in dieser Währung ${count === 1 ? 'fällt' : 'fallen'} in diese Monate.`,
    monthOf:
      'Ein Ergebnis zählt zu dem Monat, in dem sein Zeitraum endet, ohne Zeitraum zu dem Monat seiner Berechnung.',
    otherMonths: (earlier, later, isLeftOut) => {
      const results = (count: number): string => counted(count, { one: 'Ergebnis', other: 'Ergebnisse' })
      const counts = [
        ...(earlier > 0 ? [`${results(earlier)} aus früheren Monaten`] : []),
        ...(later > 0 ? [`${results(later)} aus späteren Monaten`] : []),
      ]
      const isOne = earlier + later === 1
      const rest = isLeftOut
        ? `${isOne ? 'ist' : 'sind'} nicht enthalten`
        : `${isOne ? 'ist' : 'sind'} in den Summen enthalten, aber nicht in den Monatswerten`
      return `${counts.join(' und ')} ${rest}.`
    },
    inWords: (hours, value, cost, spent) =>
      `${hours} Stunden Mentoring waren ${value} wert und kosteten ${cost}${spent === null ? '' : `: ${spent}`}.`,
    againstYearBefore: 'Im Vergleich zu denselben Monaten des Vorjahrs',
    figure: 'Kennzahl',
    percentage: 'Prozent',
    onlyNow: currencies => `Im Vorjahr gab es keine Ergebnisse in diesen Währungen: ${currencies}.`,
    total: 'Summe',
    startedOn: date => `Angelegt am ${date}`,
    orderBy: 'Sortieren nach',
    reverse: 'Reihenfolge umkehren',
    costsMore: 'Die Kosten sind höher als der Wert',
    asTable: 'Als Tabelle anzeigen',
    hideTable: 'Tabelle ausblenden',
    noResults: 'keine Ergebnisse',
    nothing: 'Noch keine Ergebnisse.',
    month: 'Monat',
    results: 'Ergebnisse',
    held: 'Treffen',
    organisations: 'Organisationen',
    severalOrganisations: count => `${number(count)} Organisationen`,
    mentors: 'Mentorinnen und Mentoren',
    more: 'Mehr anzeigen',
  }
}
