import type { selectedEn } from './selected-en'

export const selectedDe: typeof selectedEn = ({ number, counted }) => {
  const calculations = (count: number): string => counted(count, { one: 'Berechnung', other: 'Berechnungen' })
  return {
    select: name => `${name} auswählen`,
    selectAll: 'Alle geladenen auswählen',
    all: 'Alle',
    label: 'Ausgewählte Berechnungen',
    count: count => `${number(count)} ausgewählt`,
    full: most => `Sie können höchstens ${number(most)} Berechnungen auswählen.`,
    exportable: most => `Exportieren lassen sich höchstens ${number(most)} auf einmal.`,
    clear: 'Auswahl aufheben',
    delete: 'Löschen',
    confirmHeading: count => (count === 1 ? 'Diese Berechnung löschen?' : `${calculations(count)} löschen?`),
    removes: (count, withResult) =>
      `${count === 1 ? 'Die Berechnung wird' : 'Die Berechnungen werden'} für alle gelöscht, mit allen Ergebnissen und Freigabelinks. ${
        withResult === 0
          ? count === 1
            ? 'Zurzeit hat sie kein Ergebnis'
            : 'Zurzeit hat keine davon ein Ergebnis'
          : withResult === count
            ? count === 1
              ? 'Zurzeit hat sie ein Ergebnis'
              : 'Zurzeit haben alle ein Ergebnis'
            : `Zurzeit ${withResult === 1 ? 'hat eine' : `haben ${number(withResult)}`} davon ein Ergebnis`
      }. Das lässt sich nicht rückgängig machen.`,
    nothingLeft: 'Es gibt nichts mehr zu löschen',
    unlisted: count =>
      count === 1
        ? 'Die Berechnung ist nicht mehr in der Liste. Jemand hat sie gelöscht oder geändert.'
        : 'Die Berechnungen sind nicht mehr in der Liste. Jemand hat sie gelöscht oder geändert.',
    more: count => `und ${number(count)} weitere`,
    keep: () => 'Behalten',
    progress: 'Fortschritt beim Löschen',
    progressOf: (settled, total) => `${number(settled)} von ${number(total)}`,
    deleting: count => `${calculations(count)} ${count === 1 ? 'wird' : 'werden'} gelöscht …`,
    waits: 'Der Server ist nicht erreichbar. Sobald er wieder da ist, geht es weiter.',
    stop: 'Anhalten',
    deleted: count => `${calculations(count)} gelöscht.`,
    changed: 'Nicht gelöscht, weil jemand sie inzwischen geändert hat. Bitte prüfen und dann erneut löschen:',
    refused: reason => `Nicht gelöscht: ${reason}`,
    stopped: 'Nicht gelöscht, weil Sie angehalten haben:',
    close: 'Schließen',
  }
}
