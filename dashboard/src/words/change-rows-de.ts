import type { changeRowsEn } from './change-rows-en'

export const changeRowsDe: typeof changeRowsEn = ({ number, counted }) => {
  const calculations = (count: number): string => counted(count, { one: 'Berechnung', other: 'Berechnungen' })
  const changing = {
    nothingLeft: 'Es gibt nichts mehr zu ändern',
    progress: 'Fortschritt beim Ändern',
    running: (count: number) => `${calculations(count)} ${count === 1 ? 'wird' : 'werden'} geändert …`,
    waits: 'Der Server ist nicht erreichbar. Sobald er wieder antwortet, geht es weiter.',
    done: (count: number) => `${calculations(count)} geändert.`,
    changed: 'Nicht geändert, weil jemand anders sie inzwischen geändert hat. Bitte prüfen und dann erneut versuchen:',
    refused: (reason: string) => `Nicht geändert: ${reason}`,
    stopped: 'Nicht geändert, weil Sie den Vorgang angehalten haben:',
  }
  return {
    unlisted: count =>
      count === 1
        ? 'Die Berechnung ist nicht mehr in der Liste. Jemand hat sie gelöscht oder geändert.'
        : 'Die Berechnungen sind nicht mehr in der Liste. Jemand hat sie gelöscht oder geändert.',
    more: count => `und ${number(count)} weitere`,
    progressOf: (settled, total) => `${number(settled)} von ${number(total)}`,
    stop: 'Anhalten',
    close: 'Schließen',
    deletion: {
      heading: count => (count === 1 ? 'Diese Berechnung löschen?' : `${calculations(count)} löschen?`),
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
        }. „Rückgängig“ legt sie mit denselben Zahlen neu an, aber ohne Links und Verlauf.`,
      nothingLeft: 'Es gibt nichts mehr zu löschen',
      keep: () => 'Behalten',
      progress: 'Fortschritt beim Löschen',
      running: count => `${calculations(count)} ${count === 1 ? 'wird' : 'werden'} gelöscht …`,
      waits: 'Der Server ist nicht erreichbar. Sobald er wieder antwortet, geht es weiter.',
      done: count => `${calculations(count)} gelöscht.`,
      changed: 'Nicht gelöscht, weil jemand sie inzwischen geändert hat. Bitte prüfen und dann erneut versuchen:',
      refused: reason => `Nicht gelöscht: ${reason}`,
      stopped: 'Nicht gelöscht, weil Sie den Vorgang angehalten haben:',
    },
    reassign: {
      heading: count => `Mentor/-in oder Organisation ${count === 1 ? '' : `von ${calculations(count)} `}ändern`,
      several: 'mehrere',
      keepHint: 'Leer lassen, um nichts zu ändern',
      organisationHint: 'Leer lassen, wenn es keine Organisation gibt',
      remove: 'Keine Organisation',
      changes: (count, total) =>
        count === 0
          ? 'Noch ändert sich nichts.'
          : `${count === total ? calculations(count) : `${number(count)} von ${calculations(total)}`} ${count === 1 ? 'ändert' : 'ändern'} sich:`,
      fromTo: {
        mentorId: (from, to) => ['Mentor/-in: von ', from, ' zu ', to],
        organisationId: (from, to) => ['Organisation: von ', from, ' zu ', to],
      },
      withCount: (name, count) => [name, ` (${number(count)})`],
      noOrganisation: 'keiner Organisation',
      nothing: 'Geben Sie einen anderen Namen für Mentor/-in oder Organisation ein.',
      submit: count => (count === 0 ? 'Ändern' : `${calculations(count)} ändern`),
      ...changing,
      mentorFull: limit =>
        `Unter diesem Namen gibt es schon ${calculations(limit)}. Damit ist die Höchstzahl erreicht.`,
    },
    details: {
      ...changing,
      heading: count =>
        count === 1
          ? 'Währung, Zeitraum oder Quelle festlegen'
          : `Währung, Zeitraum oder Quelle von ${calculations(count)} festlegen`,
      what: 'Leere Felder bleiben unverändert. Beträge werden nicht in eine andere Währung umgerechnet.',
      changes: (count, total) =>
        `${count === total ? calculations(count) : `${number(count)} von ${calculations(total)}`} ${count === 1 ? 'ändert' : 'ändern'} sich.`,
      withoutResult: 'Nicht geändert, weil es noch kein Ergebnis gibt:',
      noResult: 'Es gibt kein Ergebnis mehr.',
      nothing: 'Geben Sie eine Währung, einen Zeitraum oder eine Quelle ein.',
      submit: count => (count === 0 ? 'Festlegen' : `Für ${calculations(count)} festlegen`),
    },
    undo: {
      heading: count => (count === 1 ? 'Diese Berechnung neu anlegen?' : `${calculations(count)} neu anlegen?`),
      what: count =>
        `${count === 1 ? 'Wiederhergestellt werden die letzten Zahlen, der Name, der Zeitraum, die Quelle und die externe ID' : 'Wiederhergestellt werden die letzten Zahlen, Namen, Zeiträume, Quellen und externen IDs'}. Freigabelinks, frühere Ergebnisse, Verlauf und IDs gehen verloren.`,
      submit: 'Neu anlegen',
      nothingLeft: 'Es gibt nichts mehr rückgängig zu machen',
      progress: 'Fortschritt beim Anlegen',
      running: count => `${calculations(count)} ${count === 1 ? 'wird' : 'werden'} neu angelegt …`,
      waits: 'Der Server ist nicht erreichbar. Sobald er wieder antwortet, geht es weiter.',
      done: count => `${calculations(count)} neu angelegt.`,
      changed: 'Nicht angelegt:',
      refused: reason => `Nicht angelegt: ${reason}`,
      stopped: 'Nicht angelegt, weil Sie den Vorgang angehalten haben:',
    },
  }
}
