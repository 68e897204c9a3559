import type { yearlyCostsEn } from './yearly-costs-en'

export const yearlyCostsDe: typeof yearlyCostsEn = ({ number, counted }) => {
  const sessions = (count: number): string => counted(count, { one: 'Treffen', other: 'Treffen' })
  return {
    open: 'Aus den Jahreskosten ermitteln',
    heading: 'Kosten pro Treffen aus den Jahreskosten',
    lead: 'Geben Sie ein, was das Programm in einem Jahr kostet. Wir nehmen die Kosten in die Annahmen auf, die auch auf der geteilten Seite stehen.',
    names: {
      salary: 'Gehälter (nur für das Mentoring)',
      training: 'Schulungen',
      travel: 'Fahrten',
      venue: 'Räume',
      materials: 'Material',
      other: 'Sonstiges',
    },
    formerSalary: 'Personalanteil',
    sessions: 'Treffen im selben Jahr',
    nothing: 'Geben Sie mindestens einen Betrag ein.',
    noSessions: 'Geben Sie mindestens 1 Treffen im selben Jahr ein.',
    otherCurrency: (field, currency) => `„${field}“ muss in ${currency} sein, wie die anderen Beträge.`,
    sum: (total, count, cost, isRounded) =>
      `${total} ÷ ${sessions(count)} = ${cost} pro Treffen${isRounded ? ', auf 4 Nachkommastellen gerundet' : ''}`,
    noRoom: (excess, most) =>
      `Die Annahmen dürfen höchstens ${number(most)} Zeichen haben. Kürzen Sie sie zuerst um ${number(excess)}: Ihre Eingaben hier bleiben erhalten.`,
    fill: 'Diese Kosten übernehmen',
    filled: cost => `Kosten pro Treffen: ${cost}. Die Kosten stehen in den Annahmen.`,
    line: (items, total, count, rounded) =>
      `Kosten pro Treffen: ${items.map(({ name, amount }) => `${name} ${amount}`).join(' + ')} = ${total} für ${sessions(count)}${rounded === null ? '' : `, gerundet auf ${rounded}`}`,
  }
}
