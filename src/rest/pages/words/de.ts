import type { Words } from './en'

export const undefinedBecause: Words['undefinedBecause'] = {
  no_sessions: 'es fanden keine Treffen statt',
  no_minutes: 'die Treffen haben keine Dauer',
  zero_cost: 'die Treffen kosten nichts',
  zero_value: 'eine Stunde ist mit null bewertet',
}

export const picture: Words['picture'] = {
  title: 'Kosten und Wert nach der Dauer eines Treffens',
  valueOfSession: 'Wert eines Treffens',
  costOfSession: cost => `Kosten eines Treffens, ${cost}`,
  breakEven: minutes => `kostendeckend ab ${minutes} Minuten`,
  worth: (minutes, value) => `${minutes} Minuten im Wert von ${value}`,
  label: (minutes, cost, value) => `Ein Treffen von ${minutes} Minuten kostet ${cost} und ist ${value} wert.`,
  equal: minutes => `Bei ${minutes} Minuten sind Wert und Kosten gleich.`,
}

export const de: Words = {
  title: 'Nutzen eines Mentoring-Programms',
  description:
    'Ein geteiltes Ergebnis des Mentoring-Rechners: was ein Programm gekostet hat und was die Zeit der Mentorinnen und Mentoren als bezahlte Arbeit gekostet hätte.',
  kind: 'Geteiltes Ergebnis eines Mentoring-Programms',
  everyOneSpent: (one, gives) => `Auf je ${one} Kosten kommt Mentoring-Zeit im Wert von ${gives}`,
  netBenefitOf: amount => `Nettonutzen von ${amount}`,
  lead: 'Was das Programm gekostet hat, verglichen mit dem, was die Stunden der Mentorinnen und Mentoren als bezahlte Arbeit gekostet hätten.',
  amountsIn: currency => `Beträge in ${currency}.`,
  ownCurrency: 'der Währung der Organisation',
  heldFrom: (from, to) => ['Die Treffen fanden vom ', from, ' bis zum ', to, ' statt.'],
  superseded:
    'Inzwischen wurde ein neueres Ergebnis berechnet. Bitten Sie um einen Link dazu, von wem Sie diesen haben.',
  statement: 'Aufstellung',
  timeValue: 'Wert der Mentoring-Zeit',
  programmeCost: 'Kosten des Programms',
  netBenefit: 'Nettonutzen',
  counted: 'Was gezählt wurde',
  sessions: 'Treffen',
  meanLength: 'Mittlere Dauer',
  minutes: 'Minuten',
  costOfSession: 'Kosten eines Treffens',
  valueOfHour: 'Wert einer Stunde',
  hoursGiven: 'Geleistete Stunden',
  comesTo: 'Was herauskommt',
  ratio: 'Nutzen-Kosten-Verhältnis',
  returnOnCost: 'Ertrag auf die Kosten',
  costOfHourGiven: 'Kosten einer geleisteten Stunde',
  netOfSession: 'Nettonutzen eines Treffens',
  breakEvenLength: 'Kostendeckende Dauer',
  none: reason => `keine Angabe: ${reason}`,
  undefinedBecause,
  picture,
  caveat: () =>
    'Dies ist ein Nutzen-Kosten-Verhältnis der eingesetzten Zeit (VIVA), kein Social Return on Investment: Wirkungen, Mitnahmeeffekte, Zurechnung und Abzinsung sind nicht darin.',
  method: name =>
    `Methode ${name}: Wert = Treffen × Minuten × Wert einer Stunde ÷ 60; Kosten = Treffen × Kosten eines Treffens.`,
  computed: (at, until) => ['Berechnet am ', at, '. Dieser Link gilt bis ', until, '.'],
  download: 'Herunterladen:',
  noShareKind: 'Geteiltes Ergebnis',
  withdrawn: {
    heading: 'Dieses Ergebnis wird nicht mehr geteilt',
    lead: 'Der Link wurde zurückgezogen oder ist abgelaufen. Bitten Sie um einen neuen, von wem Sie ihn haben.',
  },
  mistyped: {
    heading: 'Unter diesem Link gibt es kein Ergebnis',
    lead: 'Prüfen Sie, ob der Link vollständig kopiert wurde, oder bitten Sie um einen neuen, von wem Sie ihn haben.',
  },
  noPage: { heading: 'Hier gibt es keine Seite', lead: 'Prüfen Sie die Adresse, oder beginnen Sie am Anfang.' },
  home: 'Zum Rechner',
}
