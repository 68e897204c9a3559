import type { selectedEn } from './selected-en'

export const selectedDe: typeof selectedEn = ({ number, counted }) => {
  const calculations = (count: number): string => counted(count, { one: 'Berechnung', other: 'Berechnungen' })
  return {
    select: name => `${name} auswählen`,
    selectAll: 'Alle geladenen auswählen',
    all: 'Alle',
    label: 'Ausgewählte Berechnungen',
    count: count => `${number(count)} ausgewählt`,
    full: 'Mehr lassen sich nicht auf einmal auswählen.',
    comparable: (least, most) => `Zum Vergleichen ${number(least)} bis ${number(most)} auswählen.`,
    exportable: most => `Exportieren lassen sich höchstens ${number(most)} auf einmal.`,
    clear: 'Auswahl aufheben',
    compare: 'Vergleichen',
    delete: 'Löschen',
    confirmHeading: count => (count === 1 ? 'Diese Berechnung löschen?' : `${calculations(count)} löschen?`),
    removes: (count, withResult) =>
      `${count === 1 ? 'Die Berechnung wird' : 'Die Berechnungen werden'} für alle gelöscht, mit allen Ergebnissen und Freigabelinks. ${
        withResult === 0
          ? 'Zurzeit gibt es kein Ergebnis'
          : withResult === count
            ? count === 1
              ? 'Zurzeit hat sie ein Ergebnis'
              : 'Zurzeit haben alle ein Ergebnis'
            : `Zurzeit ${withResult === 1 ? 'hat eine' : `haben ${number(withResult)}`} davon ein Ergebnis`
      }. Das lässt sich nicht rückgängig machen.`,
    more: count => `und ${number(count)} weitere`,
    keep: () => 'Behalten',
    progress: 'Fortschritt beim Löschen',
    progressOf: (settled, total) => `${number(settled)} von ${number(total)}`,
    deleting: count => `${calculations(count)} ${count === 1 ? 'wird' : 'werden'} gelöscht …`,
    waits: 'Der Server ist nicht erreichbar. Sobald er wieder da ist, geht es weiter.',
    stop: 'Anhalten',
    deleted: count => `${calculations(count)} gelöscht.`,
    changed: 'Nicht gelöscht, weil jemand anders sie geändert hat. Bitte erst prüfen:',
    refused: reason => `Nicht gelöscht: ${reason}`,
    stopped: 'Nicht gelöscht, weil Sie angehalten haben:',
    close: 'Schließen',
  }
}
