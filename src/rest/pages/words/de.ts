import { caveatIn } from './caveats'
import type { Words } from './en'

export const undefinedBecause: Words['undefinedBecause'] = {
  no_sessions: 'es gab keine Treffen',
  no_minutes: 'die Treffen haben keine Dauer',
  zero_cost: 'die Treffen kosten nichts',
  zero_value: 'eine Stunde ist mit null bewertet',
}

export const picture: Words['picture'] = {
  title: 'Kosten und Wert nach der Dauer eines Treffens',
  valueOfSession: 'Wert pro Treffen',
  costOfSession: cost => `Kosten pro Treffen, ${cost}`,
  breakEven: minutes => `kostendeckend ab ${minutes} Minuten`,
  worth: (minutes, value) => `${minutes} Minuten im Wert von ${value}`,
  label: (minutes, cost, value) => `Ein Treffen von ${minutes} Minuten kostet ${cost} und ist ${value} wert.`,
  equal: minutes => `Bei ${minutes} Minuten sind Wert und Kosten gleich.`,
}

export const ratioBar: Words['ratioBar'] = {
  between: (low, high, one) => `Zwischen ${low} und ${high} je ${one}`,
  breakEven: one => `kostendeckend ab ${one}`,
  label: (low, high, stated, one) =>
    `Von ${low} bis ${high}. Mit dem angegebenen Wert pro Stunde sind es ${stated}. Bei ${one} sind Wert und Kosten gleich.`,
}

export const caveat = caveatIn({
  1: 'Hier wird nur die Zeit bewertet: Das ist ein VIVA-Verhältnis, kein Social Return on Investment. Es misst nicht, was sich für die begleiteten Menschen verändert hat oder was auch ohne das Programm geschehen wäre.',
  2: 'Hier werden die angegebenen Kosten mit dem verglichen, was die Mentoring-Stunden als bezahlte Arbeit gekostet hätten. Mit einem veröffentlichten VIVA-Verhältnis ist das Ergebnis nur vergleichbar, wenn diese Kosten alle Ausgaben des Programms enthalten. Es ist kein Social Return on Investment: Es misst keine Wirkungen und berücksichtigt nicht, was auch ohne das Programm geschehen wäre.',
})

export const de: Words = {
  title: 'Nutzen eines Mentoring-Programms',
  description: 'Ein geteiltes Ergebnis: was ein Mentoring-Programm gekostet hat und was die Mentoring-Zeit wert ist.',
  kind: 'Geteiltes Ergebnis eines Mentoring-Programms',
  everyOneSpent: (one, gives) => `Auf je ${one} Kosten kommt Mentoring-Zeit im Wert von ${gives}`,
  netBenefitOf: amount => `Nettonutzen von ${amount}`,
  lead: 'Was das Programm gekostet hat, verglichen mit dem, was die Stunden der Mentorinnen und Mentoren als bezahlte Arbeit gekostet hätten.',
  amountsIn: currency => `Beträge in ${currency}.`,
  ownCurrency: 'der Währung der Organisation',
  noOrganisation: 'Keine Organisation',
  heldFrom: (from, to) => ['Die Treffen fanden vom ', from, ' bis zum ', to, ' statt.'],
  superseded: 'Es gibt ein neueres Ergebnis. Bitten Sie die Person, von der Sie diesen Link haben, um einen neuen.',
  statement: 'Übersicht',
  timeValue: 'Wert der Mentoring-Zeit',
  programmeCost: 'Programmkosten',
  netBenefit: 'Nettonutzen',
  change: 'Veränderung',
  counted: 'Die Zahlen',
  sessions: 'Anzahl der Treffen',
  meanLength: 'Durchschnittliche Dauer',
  minutes: 'Minuten',
  costOfSession: 'Kosten pro Treffen',
  valueOfHour: 'Wert pro Stunde',
  valueSource: 'Quelle für den Wert pro Stunde',
  hoursGiven: 'Mentoring-Stunden',
  comesTo: 'Das Ergebnis',
  ratio: 'Nutzen-Kosten-Verhältnis',
  returnOnCost: 'Ertrag bezogen auf die Kosten',
  costOfHourGiven: 'Kosten pro Stunde',
  netOfSession: 'Nettonutzen pro Treffen',
  breakEvenLength: 'Kostendeckende Dauer',
  range: 'Mit dem niedrigsten und dem höchsten Wert pro Stunde',
  lowest: 'Niedrigster Wert',
  highest: 'Höchster Wert',
  assumptions: 'Annahmen',
  none: reason => `nicht berechenbar: ${reason}`,
  undefinedBecause,
  picture,
  ratioBar,
  caveat,
  method: name =>
    `Methode ${name}: Wert = Anzahl der Treffen × durchschnittliche Dauer in Minuten × Wert pro Stunde ÷ 60; Kosten = Anzahl der Treffen × Kosten pro Treffen.`,
  computed: (at, until) => ['Berechnet am ', at, '. Dieser Link gilt bis ', until, '.'],
  download: 'Herunterladen:',
  noShareKind: 'Geteiltes Ergebnis',
  withdrawn: {
    heading: 'Dieses Ergebnis wird nicht mehr geteilt',
    lead: 'Der Link wurde widerrufen oder ist abgelaufen. Bitten Sie die Person, von der Sie ihn haben, um einen neuen.',
  },
  mistyped: {
    heading: 'Unter diesem Link gibt es kein Ergebnis',
    lead: 'Prüfen Sie, ob Sie den ganzen Link kopiert haben, oder bitten Sie die Person, von der Sie ihn haben, um einen neuen.',
  },
  noPage: { heading: 'Seite nicht gefunden', lead: 'Prüfen Sie die Adresse, oder gehen Sie zum Rechner.' },
  home: 'Zum Rechner',
}
