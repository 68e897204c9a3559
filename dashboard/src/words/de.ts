import { caveat, picture, ratioBar, undefinedBecause } from '../../../src/rest/pages/words/de'
import type { SessionEvent } from '../types'
import { chartsDe } from './charts-de'
import type { en } from './en'
import { importDe } from './import-de'
import { monthsDe } from './months-de'
import { proposalDe } from './proposal-de'
import { reportDe } from './report-de'
import { selectedDe } from './selected-de'
import { shareReportDe } from './share-report-de'
import { sharedDe } from './shared-de'
import { sourcesDe } from './sources-de'
import { yearlyCostsDe } from './yearly-costs-de'

export const de: typeof en = grammar => {
  const { number, counted, either } = grammar
  const actions: Record<SessionEvent, string> = {
    CALCULATE_REQUESTED: 'Ergebnis speichern',
    SHARE_REQUESTED: 'Ergebnis teilen',
    SHARE_REVOKE_REQUESTED: 'Freigabelinks widerrufen',
    RESET_REQUESTED: 'Ergebnis und Links löschen',
    RETRY_REQUESTED: 'Erneut versuchen',
  }
  const results = { one: 'Ergebnis', other: 'Ergebnissen' }
  const calculations = { one: 'Berechnung', other: 'Berechnungen' }
  const changes = { one: 'Änderung', other: 'Änderungen' }
  return {
    direction: 'ltr',
    page: {
      name: 'Nutzen von Mentoring',
      title: name => `${name} – Nutzen von Mentoring`,
      skip: 'Zum Inhalt springen',
      footer:
        'Der Wert ist das, was die Stunden der Mentorinnen und Mentoren als bezahlte Arbeit gekostet hätten. Beträge ohne Währung sind in der Währung der jeweiligen Organisation.',
    },
    states: {
      INITIAL: 'Noch kein Ergebnis',
      LOADING: 'Wird berechnet',
      LOADED: 'Berechnet',
      ERROR: 'Fehlgeschlagen',
      CLOSED: 'Gelöscht',
    },
    events: {
      SESSION_STARTED: 'Angelegt',
      CALCULATE_REQUESTED: 'Ergebnis angefordert',
      SHARE_REQUESTED: 'Geteilt',
      SHARE_REVOKE_REQUESTED: 'Freigabelinks widerrufen',
      RESET_REQUESTED: 'Ergebnis und Links gelöscht',
      RETRY_REQUESTED: 'Erneut versucht',
      SESSION_CLOSED: 'Gelöscht',
    },
    undefinedBecause,
    notKnown: 'Grund nicht bekannt',
    mentor: 'Mentor/-in',
    organisation: 'Organisation',
    state: 'Status',
    netBenefit: 'Nettonutzen',
    timeValue: 'Wert der Mentoring-Zeit',
    programmeCost: 'Programmkosten',
    cancel: 'Abbrechen',
    none: 'keine Angabe',
    showAll: count => `Alle ${number(count)} anzeigen`,
    spent: (ratio, one) => [ratio, ' für je ', one, ' Kosten'],
    picture,
    ratioBar,
    welcome: {
      heading: 'Was ist Ihr Mentoring wert?',
      lead: 'Geben Sie vier Zahlen zu Ihrem Programm ein. Sie sehen, was es kostet, was Sie für dieselben Stunden bezahlen würden und wie sich beides verhält.',
      tryExample: 'Beispiel ausprobieren',
      nothingYet: 'Noch keine Berechnungen. Sie erscheinen hier, sobald jemand eine anlegt.',
      startStep: bold => [
        bold('Legen Sie eine Berechnung an'),
        ', für eine Mentorin oder einen Mentor und, wenn Sie möchten, für eine Organisation.',
      ],
      numbersStep: bold => [
        bold('Geben Sie die Zahlen ein'),
        ': wie viele Treffen, wie lang, was eines kostet und was eine Stunde wert ist.',
      ],
      shareStep: bold => [
        bold('Teilen Sie das Ergebnis'),
        ' mit einem Link. Er zeigt keine Namen, und Sie können ihn jederzeit widerrufen.',
      ],
      secondWindow: 'Änderungen sehen alle sofort: Öffnen Sie diese Seite zum Ausprobieren in einem zweiten Fenster.',
      forExample: 'Ein Beispiel',
      example: (sessions, minutes, cost, hour) =>
        `${counted(sessions, { one: 'Treffen', other: 'Treffen' })} von je ${counted(minutes, { one: 'Minute', other: 'Minuten' })} kosten jeweils ${cost}. Für diese Arbeit würden Sie ${hour} pro Stunde bezahlen.`,
    },
    start: {
      open: 'Neue Berechnung',
      what: 'Eine Berechnung enthält die Zahlen eines Programms und deren Ergebnisse.',
      mentorHint: 'Name oder Kennung wie in Ihren Unterlagen',
      mentorIsYou: 'Das sind Sie',
      organisationHint: 'Optional: die Organisation, die das Programm durchführt',
      organisationIsYours: 'Das ist Ihre Organisation',
      noOrganisation:
        'Ihr Konto hat keine Organisation. Lassen Sie die Organisation leer, oder wenden Sie sich an Ihre Systemverwaltung.',
      submit: 'Berechnung anlegen',
      done: 'Die Berechnung ist angelegt.',
    },
    import: importDe(grammar),
    proposal: proposalDe,
    report: reportDe(grammar),
    months: monthsDe(grammar),
    sources: sourcesDe(grammar),
    shareReport: shareReportDe(grammar),
    charts: chartsDe(grammar),
    shared: sharedDe(grammar),
    selected: selectedDe(grammar),
    webhooks: 'Webhooks',
    yearlyCosts: yearlyCostsDe(grammar),
    figures: {
      label: 'Kennzahlen',
      of: (count, withoutCurrency) => `aus ${counted(count, results)}${withoutCurrency ? ' ohne Währung' : ''}`,
      results: (count, withoutCurrency) => `aus ${counted(count, results)}${withoutCurrency ? ' ohne Währung' : ''}`,
      otherCurrencies: 'Andere Währungen',
      noCurrency: 'ohne Währung',
      ratio: ratio => `Verhältnis ${ratio}`,
      calculations: 'Berechnungen',
      aMinute: 'Ergebnisse pro Minute',
      at: (count, time) => [count, ' um ', time],
      inLastMinutes: (count, minutes) => [
        count,
        minutes === 1 ? ' in der letzten Minute' : ` in den letzten ${number(minutes)} Minuten`,
      ],
      minutes: (minutes, total, most) =>
        `Ergebnisse in jeder der letzten ${number(minutes)} Minuten: insgesamt ${number(total)}, höchstens ${number(most)} in einer Minute.`,
    },
    list: {
      all: 'Alle Berechnungen',
      filtered: 'Gefilterte Berechnungen',
      any: 'Alle',
      clear: 'Filter entfernen',
      count: total => counted(total, calculations),
      columns: {
        calculation: 'Berechnung',
        period: 'Zeitraum',
        hours: 'Stunden',
        cost: 'Kosten',
        value: 'Wert',
        ratio: 'Verhältnis',
        updated: 'Geändert',
      },
      stateNames: {
        INITIAL: 'Noch kein Ergebnis',
        LOADING: 'Wird berechnet',
        LOADED: 'Mit Ergebnis',
        ERROR: 'Fehlgeschlagen',
      },
      isNew: 'neu',
      isChanged: 'geändert',
      search: {
        label: 'Suchen',
        hint: 'Mentor/-in, Organisation, Berechnung',
        found: count => counted(count, { one: 'Vorschlag', other: 'Vorschläge' }),
        open: id => [id, ' öffnen'],
        nothing: text => `Nichts enthält „${text}“.`,
        newest: 'Nur die neuesten Berechnungen wurden durchsucht.',
      },
      filters: 'Filter',
      without: filter => `Filter ${filter} entfernen`,
      sortedBy: 'Sortieren nach',
      started: 'Angelegt',
      ascending: 'aufsteigend',
      descending: 'absteigend',
      reverse: 'Reihenfolge umkehren',
      amountsIn: 'Beträge in',
      exportCsv: 'Als CSV speichern',
      fileTooLarge:
        'Diese Datei ist zu groß, um sie hier zu speichern. Filtern Sie zuerst die Liste, oder bitten Sie Ihre Systemverwaltung um die Datei.',
      print: 'Drucken',
      readingToPrint: 'Vor dem Drucken werden alle Berechnungen geladen.',
      readSoFar: count => `${number(count)} geladen …`,
      nothingFound: 'Keine Berechnung entspricht diesen Filtern.',
      nothing: 'Noch keine Berechnungen.',
      reading: 'Wird geladen …',
      full: (most, total) =>
        `Die Liste zeigt ${number(most)} von ${counted(total, calculations)}. Filtern Sie nach Mentor/-in oder Organisation, um die übrigen zu sehen.`,
    },
    connection: {
      offline: 'Ohne Netz',
      connecting: 'Verbindung wird aufgebaut',
      live: 'Verbunden',
      reconnecting: 'Verbindung wird wiederhergestellt',
      now: 'jetzt',
      nothingMissed: 'nichts verpasst',
      reloaded: 'nach einer Lücke neu geladen',
      caughtUp: count => `${counted(count, changes)} nachgeholt`,
      what: 'Diese Seite zeigt Änderungen an allen Berechnungen sofort. Reißt die Verbindung ab, holt sie alles von selbst nach: Sie verpassen nichts.',
      lastEvent: time => `Letzte Änderung: ${time}`,
      announcedLost: 'Die Verbindung ist unterbrochen und wird wiederhergestellt.',
      announcedNothingMissed: 'Wieder verbunden. Sie haben nichts verpasst.',
      announcedCaughtUp: count => `Wieder verbunden. ${counted(count, changes)} nachgeholt.`,
      announcedReload:
        'Wieder verbunden. Einige Änderungen waren nicht mehr verfügbar, deshalb wurden alle Berechnungen neu geladen.',
    },
    developers: {
      heading: 'Für die Entwicklung',
      events: 'Empfangene Änderungen',
      resumed: 'Nachgeholt',
      reloads: 'Neu geladen',
      cursor: 'Stelle im Protokoll',
      times: count => `${number(count)}-mal`,
    },
    session: {
      back: 'Zurück zur Liste',
      heading: 'Berechnung',
      none: 'Diese Berechnung gibt es nicht',
      late: 'Der Server antwortet nicht. Prüfen Sie Ihre Internetverbindung. Die Berechnung öffnet sich von selbst, sobald der Server antwortet.',
      facts: (mentor, organisation, started) => [
        'Mentor/-in ',
        mentor,
        ...(organisation === null ? [] : [', Organisation ', organisation]),
        `, angelegt am ${started}`,
      ],
    },
    actions,
    done: {
      CALCULATE_REQUESTED: 'Das Ergebnis ist gespeichert.',
      SHARE_REQUESTED: 'Das Ergebnis ist geteilt.',
      SHARE_REVOKE_REQUESTED: 'Die Freigabelinks sind widerrufen.',
      RESET_REQUESTED: 'Das Ergebnis und die Freigabelinks sind gelöscht.',
      RETRY_REQUESTED: 'Das Ergebnis ist neu berechnet.',
    },
    unchanged: {
      CALCULATE_REQUESTED: 'Diese Zahlen sind bereits gespeichert.',
      SHARE_REQUESTED: 'Dieses Ergebnis ist bereits geteilt. Hier ist sein Link.',
      SHARE_REVOKE_REQUESTED: 'Es gab keinen Freigabelink zu widerrufen.',
      RESET_REQUESTED: 'Es gab nichts zu löschen.',
      RETRY_REQUESTED: 'Es gab nichts neu zu berechnen.',
    },
    close: {
      open: 'Berechnung löschen',
      heading: 'Diese Berechnung löschen?',
      what: 'Alle ihre Ergebnisse und Freigabelinks werden für alle gelöscht. Das lässt sich nicht rückgängig machen. Zurzeit hat sie:',
      keep: 'Behalten',
      done: 'Die Berechnung ist gelöscht.',
      closed: 'Diese Berechnung wurde mit ihren Ergebnissen und Freigabelinks gelöscht.',
    },
    reset: {
      heading: 'Ergebnis und Freigabelinks löschen?',
      what: 'Für alle wird gelöscht:',
      numbersStay: 'Ihre Zahlen bleiben im Formular.',
      keep: 'Behalten',
    },
    ends: {
      result: net => ['das Ergebnis mit einem Nettonutzen von ', net],
      links: count =>
        count === 0
          ? 'keine Freigabelinks'
          : `${counted(count, { one: 'Freigabelink', other: 'Freigabelinks' })}, ${count === 1 ? 'der dann nicht mehr funktioniert' : 'die dann nicht mehr funktionieren'}`,
    },
    conflict: {
      heading: 'Während Ihrer Eingabe geändert',
      you: 'Ihr anderes Fenster',
      saved: (who, at) => [
        who ?? 'Eine andere Person',
        ` hat andere Zahlen gespeichert${at === null ? '' : ` (${at})`}. Ihre Zahlen sind noch nicht gespeichert.`,
      ],
      reset: (who, at) => [
        who ?? 'Eine andere Person',
        ` hat das Ergebnis und die Freigabelinks gelöscht${at === null ? '' : ` (${at})`}. Ihre Zahlen sind noch nicht gespeichert.`,
      ],
      merged: (who, at, fields) => [
        who ?? 'Eine andere Person',
        ` hat geändert: ${fields}${at === null ? '' : ` (${at})`}. Ihre Änderungen sind noch da und noch nicht gespeichert.`,
      ],
      announcedMerge: fields => `Eine andere Person hat geändert: ${fields}. Ihre Änderungen sind noch da.`,
      field: 'Feld',
      theirs: 'Gespeichert',
      mine: 'Ihre Eingabe',
      keepMine: 'Meine behalten',
      useTheirs: 'Gespeicherte übernehmen',
      clear: 'Formular leeren',
      announced: 'Diese Berechnung wurde während Ihrer Eingabe geändert. Wählen Sie, welche Zahlen bleiben.',
      meanwhile: 'Diese Berechnung wurde gerade geändert. Bitte prüfen Sie sie noch einmal.',
    },
    calculator: {
      heading: 'Rechner',
      sessions: 'Anzahl der Treffen',
      avgMinutes: 'Durchschnittliche Dauer',
      costPerSession: 'Kosten pro Treffen',
      costPerHour: 'Wert pro Stunde',
      sessionsHint: most => `Eine ganze Zahl, höchstens ${number(most)}`,
      avgMinutesHint: most => `In Minuten, höchstens ${number(most)}`,
      costPerSessionHint: 'Was Ihre Organisation pro Treffen ausgibt',
      costPerHourHint: 'Was Sie für diese Arbeit bezahlen würden',
      stated: 'Name, Währung, Zeitraum, Quelle',
      optional: 'optional',
      label: 'Name dieser Berechnung',
      labelHint: 'Steht beim Ergebnis und auf der geteilten Seite',
      labelExample: 'Frühjahr 2026, Leseförderung Klasse 9',
      currency: 'Währung',
      currencyHint: 'Zum Beispiel EUR',
      currencyOfSign: code => `${code}, nach dem Zeichen beim Betrag`,
      from: 'Erster Tag',
      fromHint: 'Datum des ersten Treffens',
      to: 'Letzter Tag',
      toHint: 'Datum des letzten Treffens',
      valueSource: 'Quelle für den Wert pro Stunde',
      valueSourceHint: 'Woher der Wert kommt, zum Beispiel aus einer Erhebung',
      valueSourceExample: 'Entgeltatlas 2025, Erzieher, Median',
      low: 'Niedrigster Wert pro Stunde',
      lowHint: 'Der niedrigste, der plausibel ist',
      high: 'Höchster Wert pro Stunde',
      highHint: 'Der höchste, der plausibel ist',
      note: 'Annahmen',
      noteHint: 'Stehen beim Ergebnis und auf der geteilten Seite',
      calculate: 'Berechnen',
      undo: 'Änderungen verwerfen',
      fillExample: 'Beispiel einsetzen',
      waits: 'Der Server ist nicht erreichbar. Ihr Ergebnis wird gespeichert, sobald er wieder da ist.',
      stopWaiting: 'Nicht speichern',
      failed: 'Der Server konnte das nicht berechnen. Klicken Sie auf „Erneut versuchen“.',
    },
    didYouMean: number => `Meinten Sie ${number}?`,
    understood: number => `Wir lesen das als ${number}`,
    faults: {
      required: field => `„${field}“ fehlt noch.`,
      atLeastZero: field => `„${field}“ darf nicht kleiner als 0 sein.`,
      atMost: (field, most) => `„${field}“ darf höchstens ${number(most)} sein.`,
      noNumber: (field, example) => `„${field}“ muss eine Zahl sein, zum Beispiel ${example}.`,
      writtenElsewhere: example =>
        `Trennen Sie Nachkommastellen mit einem ${example.includes(',') ? 'Komma' : 'Punkt'} ab, zum Beispiel ${example}.`,
      otherCurrency: (field, currency) => `„${field}“ muss in ${currency} sein, der Währung weiter unten.`,
      twoCurrencies: (field, sign, other) => `„${field}“ muss in ${sign} sein, wie „${other}“.`,
      whichCurrency: sign => `Welche Währung ist ${sign}? Geben Sie ihr Kürzel ein, zum Beispiel USD.`,
      whole: field => `„${field}“ muss eine ganze Zahl sein.`,
      decimals: (field, most) =>
        `„${field}“ darf höchstens ${counted(most, { one: 'Nachkommastelle', other: 'Nachkommastellen' })} haben.`,
      length: (field, most) =>
        `„${field}“ muss 1 bis ${counted(most, { one: 'Zeichen', other: 'Zeichen' })} lang sein.`,
      unprintable: field =>
        `„${field}“ enthält ein Zeichen, das sich nicht anzeigen lässt. Bitte tippen Sie den Text neu.`,
      currency: 'Geben Sie ein Währungskürzel ein, zum Beispiel EUR.',
      lastDay: 'Der letzte Tag darf nicht vor dem ersten liegen.',
      low: 'Der niedrigste Wert darf nicht über dem Wert pro Stunde liegen.',
      high: 'Der höchste Wert darf nicht unter dem Wert pro Stunde liegen.',
      day: field => `„${field}“ muss ein Datum sein, zum Beispiel 31.3.2026.`,
      other: field => `„${field}“ wurde nicht angenommen. Bitte prüfen Sie die Eingabe.`,
    },
    result: {
      heading: 'Ergebnis',
      whatIf: 'Was wäre, wenn',
      notSaved: 'nicht gespeichert',
      empty: 'Noch kein Ergebnis. Geben Sie die vier Zahlen ein: Das Ergebnis erscheint hier schon beim Tippen.',
      amountsIn: currency => `Beträge in ${currency}`,
      noRatio: reason => ['Kein Verhältnis: ', reason],
      noneBecause: reason => `keine Angabe: ${reason}`,
      totalHours: 'Mentoring-Stunden',
      roiPercent: 'Ertrag bezogen auf die Kosten',
      costPerHourDelivered: 'Kosten pro Stunde',
      valuePerSession: 'Wert pro Treffen',
      netPerSession: 'Nettonutzen pro Treffen',
      breakEvenMinutes: 'Kostendeckende Dauer',
      caveat,
      method: method => ['Methode ', method, '.'],
      announcedWhatIf: net => `Was wäre, wenn: Nettonutzen ${net}.`,
      announcedOther: net => `Das Ergebnis hat sich geändert: Nettonutzen ${net}.`,
    },
    share: {
      heading: 'Freigabelinks',
      notShared: 'Dieses Ergebnis ist nicht geteilt.',
      howToShare: 'Klicken Sie auf „Ergebnis teilen“, um einen Link zu erhalten.',
      nothing: 'Es gibt noch kein Ergebnis zu teilen.',
      current: 'Aktuelles Ergebnis',
      former: 'Früheres Ergebnis',
      computed: at => `berechnet am ${at}`,
      link: 'Link zum geteilten Ergebnis',
      formerLink: of => `Link zu einem früheren Ergebnis: ${of}`,
      copy: 'Kopieren',
      copied: 'Kopiert',
      announcedCopied: 'Der Link ist kopiert.',
      selected: 'Der Link ließ sich nicht kopieren. Er ist markiert: Bitte kopieren Sie ihn selbst.',
      visibleUntil: until => `Alle mit diesem Link sehen bis zum ${until} das Ergebnis, aber keine Namen.`,
      open: 'Geteilte Seite öffnen',
      revoke: count =>
        count === 1
          ? 'Link widerrufen'
          : count === 2
            ? 'Beide Links widerrufen'
            : `Alle ${number(count)} Links widerrufen`,
      confirmHeading: count =>
        count === 1
          ? 'Diesen Link widerrufen?'
          : count === 2
            ? 'Beide Links widerrufen?'
            : `Alle ${number(count)} Links widerrufen?`,
      revokes: count =>
        `${count === 1 ? 'Dieser Link funktioniert' : 'Diese Links funktionieren'} dann nicht mehr. Sie können das Ergebnis jederzeit neu teilen.`,
      keep: () => 'Behalten',
    },
    older: {
      heading: 'Frühere Ergebnisse',
      older: 'Früher',
      current: 'Aktuell',
      take: 'Diese Zahlen wieder verwenden',
      otherCurrency: 'Verschiedene Währungen lassen sich nicht vergleichen.',
    },
    timeline: {
      heading: 'Verlauf',
      by: who => ['von ', who],
      announced: (event, by) => `${event}${by === null ? ' in einem anderen Fenster' : ` von ${by}`}.`,
    },
    account: {
      account: 'Konto',
      nameless: 'ein Konto ohne Namen',
      signedInAs: 'Angemeldet als',
      signedInWith: (who, host) => ['Angemeldet als ', who, ` über ${host}.`],
      signedInWithKey: who => ['Angemeldet als ', who, ' mit einem Dienstschlüssel.'],
      sees: (may, mentor, organisation) => [
        may === 'read' ? 'Sie sehen ' : 'Sie sehen und bearbeiten ',
        ...(mentor === null ? ['alle Berechnungen'] : ['die Berechnungen von ', mentor]),
        ...(organisation === null ? [] : [' bei ', organisation]),
        '.',
      ],
      signOut: 'Abmelden',
      ended: 'Ihre Anmeldung ist abgelaufen. Ihre Eingaben sind noch da.',
      signInAgain: 'Erneut anmelden',
    },
    signIn: {
      entering: host => `Sie werden über ${host} angemeldet …`,
      otherAccount: 'Anderes Konto verwenden',
      notLetIn: 'Sie haben keinen Zugang',
      notSignedIn: 'Sie sind nicht angemeldet',
      askOperator: 'Wenden Sie sich an Ihre Systemverwaltung.',
      tryAgain: 'Erneut versuchen',
      heading: 'Melden Sie sich an, um Ihre Berechnungen zu sehen',
      lead: host =>
        `Sehen Sie, was Ihre Mentoring-Programme kosten und was die Mentoring-Zeit wert ist. Melden Sie sich mit Ihrem Konto bei ${host} an.`,
      signIn: 'Anmelden',
      keyLead:
        'Sehen Sie, was Ihre Mentoring-Programme kosten und was die Mentoring-Zeit wert ist. Melden Sie sich mit einem Dienstschlüssel an. Sie erhalten ihn von Ihrer Systemverwaltung.',
      key: 'Dienstschlüssel',
      keyHint: 'Nur diese Seite kennt ihn, bis Sie sie neu laden oder schließen.',
      keyRefused: 'Dieser Server nimmt den Schlüssel nicht an. Prüfen Sie, ob er vollständig ist und noch gilt.',
      otherKey: 'Dieser Schlüssel hat andere Rechte. Melden Sie sich zuerst ab und dann mit ihm an.',
      impossible: 'Die Anmeldung ist nicht eingerichtet',
      noClient: (host, setting) => [
        `Dieser Server nimmt Tokens von ${host} an, hat aber keine Client-ID für diese Seite. Ihre Systemverwaltung kann sie in `,
        setting,
        ' angeben.',
      ],
      withToken: docs => ['Wenn Sie ein Token haben, können Sie REST und GraphQL nutzen: siehe ', docs, '.'],
      noRole: 'Ihr Konto hat hier keine Rolle.',
      tokenRefused: host => `Dieser Server nimmt die Anmeldung von ${host} nicht an.`,
      needsHttps: 'Zum Anmelden ist eine sichere Verbindung nötig. Öffnen Sie diese Seite mit https:// in der Adresse.',
      noEndpoint: host => `${host} hat keine Seite zum Anmelden. Wenden Sie sich an Ihre Systemverwaltung.`,
      refused: (host, reason) => `${host} hat die Anmeldung abgelehnt: ${reason}`,
      otherSubject: host => `${host} hat ein anderes Konto angemeldet.`,
      noIdToken: 'Ihre Anmeldung ließ sich nicht erneuern: Es gab kein neues ID-Token.',
      badAnswer: (host, reason) => `Die Antwort von ${host} passt nicht zu dieser Anmeldung: ${reason}.`,
      unreachable: (host, page) =>
        `${host}, wo Sie sich anmelden, ist nicht erreichbar. Vielleicht ist der Dienst ausgefallen oder kennt diese Seite (${page}) nicht.`,
    },
    waits: 'Der Server ist nicht erreichbar. Wir holen das nach, sobald er wieder da ist.',
    unreachable:
      'Der Server ist gerade nicht erreichbar. Soweit wir wissen, wurde nichts geändert. Versuchen Sie es gleich noch einmal.',
    refused: 'Der Server hat das nicht angenommen.',
    refusals: {
      SESSION_NOT_FOUND: () => 'Es gibt keine Berechnung mit dieser Kennung. Vielleicht wurde sie gelöscht.',
      RESULT_NOT_FOUND: () => 'Dieses Ergebnis gibt es nicht mehr.',
      EVENT_REFUSED: ({ allowedEvents = [] }) =>
        allowedEvents.length === 0
          ? 'Diese Berechnung hat sich geändert und lässt sich gerade nicht bearbeiten.'
          : `Diese Berechnung hat sich geändert. Möglich ist jetzt: ${either(allowedEvents.map(event => `„${actions[event]}“`))}.`,
      SESSION_FULL: ({ limit = 0 }) =>
        `Diese Berechnung hat ihre Grenze von ${counted(limit, changes)} erreicht. Sie können sie noch lesen oder löschen. Legen Sie für andere Zahlen eine neue an.`,
      WEBHOOK_ENDPOINT_NOT_FOUND: () => 'Diesen Endpunkt gibt es nicht. Vielleicht wurde er gelöscht.',
      LIMIT_REACHED: ({ limit = 0 }) => `Es gibt schon ${number(limit)}, mehr sind nicht möglich.`,
      ENDPOINT_INACTIVE: () => 'Dieser Endpunkt ist angehalten oder abgeschaltet. Setzen Sie ihn zuerst fort.',
      VERSION_MISMATCH: () => 'Diese Berechnung hat sich geändert. Prüfen Sie sie, und versuchen Sie es noch einmal.',
      REQUEST_IN_FLIGHT: () => 'Der Server arbeitet noch daran. Versuchen Sie es gleich noch einmal.',
      IDEMPOTENCY_KEY_REUSED: () =>
        'Der Server hat das mit einer früheren Anfrage verwechselt. Versuchen Sie es noch einmal.',
      CURSOR_EXPIRED: () => 'Diese Seite ist zu weit zurück, um Änderungen nachzuholen. Laden Sie sie neu.',
      INVALID_CURSOR: () => 'Diese Seite kann Änderungen nicht nachholen. Laden Sie sie neu.',
      VALIDATION_FAILED: () => 'Der Server hat das nicht angenommen. Prüfen Sie Ihre Eingaben.',
      BAD_USER_INPUT: () => 'Der Server hat das nicht angenommen. Prüfen Sie Ihre Eingaben.',
      PAYLOAD_TOO_LARGE: ({ limit = 0 }) =>
        `Das ist zu viel auf einmal. Die Grenze liegt bei ${counted(limit, { one: 'Byte', other: 'Bytes' })}.`,
      UNAUTHENTICATED: () => 'Sie sind nicht mehr angemeldet.',
      FORBIDDEN: () => 'Ihre Rolle erlaubt das nicht. Wenden Sie sich an Ihre Systemverwaltung.',
      RATE_LIMITED: () => 'Das war zu viel auf einmal. Versuchen Sie es gleich noch einmal.',
      UNAVAILABLE: () => 'Der Server kann gerade nicht antworten. Versuchen Sie es gleich noch einmal.',
      INTERNAL: () =>
        'Auf dem Server ist etwas schiefgegangen. Wenn es noch einmal passiert, melden Sie es Ihrer Systemverwaltung.',
    },
  }
}
