import type { chartsEn } from './charts-en'

export const chartsDe: typeof chartsEn = ({ number, counted }) => ({
  chart: 'Diagramm',
  menu: 'Diagrammoptionen',
  valueAndCost: 'Wert und Kosten',
  soFar: 'Fortlaufende Summe',
  compared: 'Vergleich mit dem Vorjahr',
  cumulative: 'Fortlaufende Summe von Wert und Kosten',
  yearBefore: 'Wert im Vergleich zum Vorjahr',
  hours: 'Mentoring-Stunden pro Monat',
  label: (title, months, withResults, count) =>
    `${title}, ${months}: ${number(withResults)} von ${counted(count, { one: 'Monat', other: 'Monaten' })} mit Ergebnissen. Die Zahlen finden Sie unter „Als Tabelle anzeigen“.`,
  onlyIn: currency => (currency === null ? 'nur Ergebnisse ohne Währung' : `nur Ergebnisse in ${currency}`),
  nothing: 'Keine Ergebnisse in diesen Monaten.',
  nothingBefore: 'Für dieselben Monate im Vorjahr gibt es keine Ergebnisse.',
  before: 'Im Vorjahr',
  difference: 'Differenz',
  savePng: 'Als PNG speichern',
  saveSvg: 'Als SVG speichern',
  source: (name, date) => `Quelle: ${name}, ${date}`,
})
