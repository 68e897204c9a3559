import type { ReportWords } from './en'

export const reportDe: ReportWords = {
  title: 'Bericht über ein Mentoring-Programm',
  description:
    'Ein geteilter Bericht: was ein Mentoring-Programm in diesen Monaten gekostet hat und was die Mentoring-Zeit wert ist.',
  allOrganisations: 'Alle Organisationen',
  months: (from, to) => `${from} bis ${to}`,
  sums: 'Summen',
  sumsIn: currency => `Summen in ${currency}`,
  counted: 'Was gezählt wurde',
  mentors: 'Anzahl der Mentorinnen und Mentoren',
  results: 'Anzahl der Ergebnisse',
  nothing: 'In diesen Monaten gibt es keine Ergebnisse.',
  changesFrom: range => `Verglichen mit ${range}.`,
  changesToDate: (range, before) => `Veränderung bisher: ${range}, verglichen mit ${before}.`,
  noneOver: 'Kein Vergleich mit dem Vorjahr, weil diese Monate noch nicht vorbei waren.',
  nothingBefore: range => `Für einen Vergleich mit ${range} enthält dieser Bericht keine Ergebnisse.`,
  otherCurrencies: 'Nettonutzen in anderen Währungen',
  ofRatio: ratio => `Verhältnis ${ratio}`,
  trend: 'Monat für Monat',
  trendIn: currency => `Monat für Monat, in ${currency}`,
  picture: (from, to) =>
    `Wert der Mentoring-Zeit und Programmkosten jedes Monats von ${from} bis ${to}. Die Zahlen stehen in der Tabelle.`,
  month: 'Monat',
  total: 'Summe',
  monthOf:
    'Ein Ergebnis zählt zu dem Monat, in dem sein Zeitraum endet. Ohne Zeitraum zählt es zu dem Monat, in dem es berechnet wurde.',
  made: (at, until) => [
    'Erstellt am ',
    at,
    '. Spätere Änderungen sind in diesem Bericht nicht enthalten. Dieser Link gilt bis ',
    until,
    '.',
  ],
  noReportKind: 'Geteilter Bericht',
  withdrawn: {
    heading: 'Dieser Bericht wird nicht mehr geteilt',
    lead: 'Der Link wurde widerrufen oder ist abgelaufen. Bitten Sie die Person, von der Sie ihn haben, um einen neuen.',
  },
  mistyped: {
    heading: 'Unter diesem Link gibt es keinen Bericht',
    lead: 'Prüfen Sie, ob Sie den ganzen Link kopiert haben, oder bitten Sie die Person, von der Sie ihn haben, um einen neuen.',
  },
}
