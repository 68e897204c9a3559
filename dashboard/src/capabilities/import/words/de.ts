import type { importEn } from './en'

export const importDe: typeof importEn = ({ number, counted }) => {
  const rows = (count: number): string => counted(count, { one: 'Zeile', other: 'Zeilen' })
  const calculations = (count: number): string => counted(count, { one: 'Berechnung', other: 'Berechnungen' })
  const listed = (ids: readonly number[]): string =>
    `${ids.slice(0, 10).map(number).join(', ')}${ids.length > 10 ? ' …' : ''}`
  return {
    lead: 'Aus jeder Zeile wird eine Berechnung. Prüfen Sie zuerst die Zeilen: Gespeichert wird erst, wenn Sie auf „Importieren“ klicken.',
    paste: 'Zeilen aus Ihrer Tabelle',
    pasteHint: most =>
      `Kopieren Sie die Zeilen samt den Spaltennamen, und fügen Sie sie hier ein: höchstens ${number(most)} auf einmal.`,
    read: 'Zeilen prüfen',
    choose: 'Excel- oder CSV-Datei wählen',
    template: 'Vorlage herunterladen',
    templateName: 'import-vorlage.csv',
    exampleMentor: 'Kim Muster (Beispiel)',
    exampleOrganisation: 'Nordschule',
    exampleCurrency: () => 'EUR',
    workbookFaults: {
      encrypted:
        'Diese Datei ist mit einem Passwort geschützt. Speichern Sie sie in Excel ohne Passwort, und wählen Sie sie noch einmal.',
      old: 'Das ist eine alte Excel-Datei (.xls). Speichern Sie sie als .xlsx oder CSV, und wählen Sie sie noch einmal.',
      broken:
        'Wir können diese Datei nicht lesen. Speichern Sie sie in Excel als .xlsx oder CSV, und wählen Sie sie noch einmal.',
      tooLarge: 'Das ist zu viel auf einmal. Kopieren Sie die Zeilen, die Sie brauchen, in eine neue Datei.',
    },
    drop: 'oder auf diese Seite ziehen',
    whatColumns: 'Spalten, die Sie importieren können',
    needed: 'erforderlich',
    tooMany: (count, most) =>
      `Das sind ${rows(count)}. Sie können höchstens ${number(most)} auf einmal importieren: Bitte teilen Sie sie auf.`,
    tooLong: 'Das ist zu viel auf einmal. Bitte importieren Sie die Zeilen in mehreren Teilen.',
    nothing:
      'Wir haben keine Zeilen gefunden. Kopieren Sie Ihre Zeilen samt den Spaltennamen, und fügen Sie sie hier ein.',
    notText: 'Das ist keine Excel- oder CSV-Datei. Kopieren Sie die Zeilen des Blatts, und fügen Sie sie ein.',
    noRoom:
      'Dieser Browser hat zu wenig Speicher, um die Zeilen während des Sendens zu speichern. Importieren Sie weniger Zeilen auf einmal.',
    how: 'So haben wir Ihre Zeilen gelesen',
    headers: 'Die Spaltennamen stehen in',
    headerRow: (row, texts) => `Zeile ${number(row)}: ${texts}`,
    noHeader: 'keiner Zeile',
    recognised: count => `Spalten: ${number(count)} erkannt`,
    whichColumn: member => `Welche Spalte enthält „${member}“?`,
    whatIs: (letter, name, example) =>
      `Was enthält Spalte ${name === '' ? letter : `„${name}“`}, zum Beispiel „${example}“?`,
    leaveOut: 'Auslassen',
    column: (letter, name) => (name === '' ? `Spalte ${letter}` : `${letter}: ${name}`),
    noColumn: 'Nicht in meiner Tabelle',
    meaning: (column, example) => `${column}: Was bedeutet ${example}?`,
    currency: count =>
      count === 0 ? 'Beträge ohne Währung sind in' : `Beträge ohne Währung (in ${rows(count)}) sind in`,
    externalId: 'Externe ID',
    sharedId: row =>
      `Zeile ${number(row)} hat diese ID auch. Ändern Sie eine der beiden, oder geben Sie an, dass Ihre Tabelle keine externen IDs enthält.`,
    signMeaning: (sign, count) => `${sign} in ${rows(count)}: Welche Währung ist das?`,
    anotherCurrency: 'Andere Währung',
    questions: {
      date: (example, count) =>
        count === 1
          ? `Welcher Tag ist mit ${example} gemeint?`
          : `Welcher Tag ist mit ${example} gemeint? ${counted(count - 1, { one: 'weiteres Datum wird', other: 'weitere Daten werden' })} genauso gelesen.`,
      number: (example, count) =>
        count === 1
          ? `Welche Zahl ist mit ${example} gemeint?`
          : `Welche Zahl ist mit ${example} gemeint? ${counted(count - 1, { one: 'weitere Zahl wird', other: 'weitere Zahlen werden' })} genauso gelesen.`,
    },
    elsewhere: count =>
      `${counted(count, { one: 'Zahl ist', other: 'Zahlen sind' })} anders geschrieben als die übrigen. Ist das richtig?`,
    readAs: texts => `Ja: ${texts.map(([text, value]) => `${text} bedeutet ${value}`).join(', ')}`,
    day: field => `„${field}“ muss ein Datum oder ein Monat mit Jahr sein, zum Beispiel 31.3.2026 oder März 2026.`,
    waitsForAnswer: 'Antwort fehlt',
    sameNames: 'Sind das dieselben Namen?',
    inRows: count => `(${rows(count)})`,
    knownName: 'schon bekannt',
    change: 'Ändern',
    useName: (name, better) => `${name} in ${better} ändern`,
    changeAll: count => (count === 1 ? 'Ändern' : `Alle ${number(count)} ändern`),
    moreNames: count => `und ${number(count)} weitere`,
    otherMentor: mentor => `Sie können nur für sich selbst importieren: ${mentor}.`,
    otherOrganisation: organisation => `Sie können nur für ${organisation} importieren.`,
    otherCurrency: currency => `Dieser Betrag ist nicht in ${currency}, der Währung dieser Zeile.`,
    sameAs: row => `Wie Zeile ${number(row)}`,
    leftOut: 'Ausgelassen, sofern Sie sie nicht auswählen:',
    duplicateRows: count =>
      count === 1 ? '1 Zeile, die einer früheren gleicht' : `${rows(count)}, die früheren gleichen`,
    existingRows: count =>
      count === 1
        ? '1 Zeile, zu der es schon eine Berechnung gibt: Mentor/-in, Organisation, Zeitraum, Name und Zahlen sind gleich'
        : `${rows(count)}, zu denen es schon Berechnungen gibt: Mentor/-in, Organisation, Zeitraum, Name und Zahlen sind gleich`,
    asideRows: (count, ids) =>
      count === 1
        ? `1 Zeile, die wie eine Summe, Überschrift oder Anmerkung aussieht: Zeile ${listed(ids)}`
        : `${rows(count)}, die wie Summen, Überschriften oder Anmerkungen aussehen: Zeilen ${listed(ids)}`,
    looksAside: 'Keine Berechnung?',
    leftOutReasons: 'Ausgelassen:',
    reasons: {
      faulty: count => `${number(count)} zu korrigieren`,
      asked: count => `${number(count)} ohne Antwort`,
      duplicate: count => `${number(count)} doppelt`,
      existing: count => `${number(count)} schon vorhanden`,
      aside: count => `${number(count)} keine ${count === 1 ? 'Berechnung' : 'Berechnungen'}`,
    },
    noneReady: 'Noch ist keine Zeile bereit.',
    comparing: 'Wir suchen nach Berechnungen, die es schon gibt …',
    existing: count => `Schon vorhanden ${number(count)}`,
    alreadyExists: 'Schon vorhanden',
    showExisting: id => `Vorhandene Berechnung zu Zeile ${number(id)} öffnen`,
    uncompared: count => `Nicht verglichen ${number(count)}`,
    uncomparedRows: count =>
      `${rows(count)} ${count === 1 ? 'konnte' : 'konnten'} wir nicht mit allen vorhandenen Berechnungen vergleichen. Bitte prüfen Sie selbst, ob es sie schon gibt.`,
    notCompared: 'Nicht verglichen',
    undo: 'Diesen Import rückgängig machen',
    undoHeading: 'Diesen Import rückgängig machen?',
    undoWhat: count =>
      `${calculations(count)} dieses Imports ${count === 1 ? 'wird' : 'werden'} für alle gelöscht. Was seitdem jemand geändert hat, bleibt.`,
    undoUnanswered: count =>
      `Für ${rows(count)} gibt es noch keine Antwort: Wir prüfen das und löschen, was gespeichert wurde.`,
    undoKeep: () => 'Behalten',
    undoProgress: 'Fortschritt beim Rückgängigmachen',
    kept: count => `Seitdem geändert ${number(count)}`,
    changedSince: 'Seit dem Import geändert, deshalb nicht gelöscht',
    undone: (deleted, kept) =>
      `${calculations(deleted)} gelöscht.${kept === 0 ? '' : ` ${number(kept)} seit dem Import geändert, deshalb nicht gelöscht.`}`,
    shown: 'Anzeigen',
    all: count => `Alle ${number(count)}`,
    ready: count => `Bereit ${number(count)}`,
    faulty: count => `Zu korrigieren ${number(count)}`,
    refused: count => `Nicht angenommen ${number(count)}`,
    refusedCell: (column, detail) => `${column} wurde nicht angenommen: ${detail}`,
    refusals: {
      external_id_taken: 'Eine andere Berechnung mit anderem Inhalt hat bereits diese ID.',
      limit_reached:
        'Für diese Mentorin oder diesen Mentor ist die Höchstzahl der Berechnungen erreicht. Löschen Sie zuerst eine.',
      payload_too_large: 'Diese Zeile ist zu lang. Kürzen Sie ihre Texte.',
    },
    showHolder: id => `Berechnung mit der ID der Zeile ${number(id)} öffnen`,
    duplicate: count => `Doppelt ${number(count)}`,
    asked: count => `Antwort fehlt ${number(count)}`,
    aside: count => `Keine Berechnung ${number(count)}`,
    done: count => `Importiert ${number(count)}`,
    noneShown: 'Hier sind keine Zeilen.',
    allFixed: 'Alles korrigiert.',
    rows: 'Zeilen',
    row: id => `Zeile ${number(id)}`,
    cell: (column, id) => `${column}, Zeile ${number(id)}`,
    skip: 'Überspringen',
    skipRow: id => `Zeile ${number(id)} überspringen`,
    page: (page, pages) => `Seite ${number(page)} von ${number(pages)}`,
    earlier: 'Vorherige Zeilen',
    later: 'Nächste Zeilen',
    sending: 'Wird gesendet …',
    unanswered: 'Noch keine Antwort',
    unansweredHint:
      'Diese Zeile ist vielleicht schon importiert. Wenn Sie fortfahren, prüfen wir das zuerst: Sie wird nie doppelt importiert.',
    show: 'Öffnen',
    showRow: id => `Berechnung der Zeile ${number(id)} öffnen`,
    begin: (count, leftOut) =>
      leftOut === 0 ? `${rows(count)} importieren` : `${number(count)} importieren, ${number(leftOut)} auslassen`,
    goOn: (count, leftOut) =>
      leftOut === 0 ? `Mit ${rows(count)} fortfahren` : `Mit ${number(count)} fortfahren, ${number(leftOut)} auslassen`,
    stop: 'Anhalten',
    stopping: { import: 'Wird angehalten, sobald die gesendeten Zeilen gespeichert sind …', undo: 'Wird angehalten …' },
    waits: 'Der Server ist ausgelastet oder nicht erreichbar. Es geht automatisch weiter.',
    progress: 'Fortschritt des Imports',
    progressOf: (settled, of) => `${number(settled)} von ${rows(of)}`,
    discard: 'Verwerfen',
    another: 'Weitere Zeilen importieren',
    discardHeading: 'Diese Zeilen verwerfen?',
    discardWhat: count => `${rows(count)} ${count === 1 ? 'ist' : 'sind'} noch nicht importiert.`,
    keep: 'Behalten',
    announcedRead: (ready, left) => `${rows(ready)} bereit, ${number(left)} zu korrigieren.`,
    announcedBegun: count => `${rows(count)} ${count === 1 ? 'wird' : 'werden'} importiert.`,
    announcedPart: (settled, of) => `${number(settled)} von ${number(of)}.`,
    announcedEnded: (done, left) =>
      left === 0 ? `${calculations(done)} importiert.` : `${calculations(done)} importiert, ${rows(left)} übrig.`,
  }
}
