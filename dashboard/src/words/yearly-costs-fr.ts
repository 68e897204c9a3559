import type { yearlyCostsEn } from './yearly-costs-en'

export const yearlyCostsFr: typeof yearlyCostsEn = ({ number, counted }) => {
  const sessions = (count: number): string => counted(count, { one: 'séance', many: 'de séances', other: 'séances' })
  return {
    open: 'Déterminer à partir des coûts annuels',
    heading: 'Coût par séance, à partir des coûts annuels',
    lead: 'Indiquez ce que le programme coûte en un an. Nous ajoutons ces coûts aux hypothèses, qui figurent aussi sur la page partagée.',
    names: {
      salary: 'Salaires (mentorat uniquement)',
      training: 'Formation',
      travel: 'Déplacements',
      venue: 'Locaux',
      materials: 'Matériel',
      other: 'Autres coûts',
    },
    formerSalary: 'Part de salaire',
    sessions: 'Séances de la même année',
    nothing: 'Indiquez au moins un montant.',
    noSessions: 'Indiquez au moins 1 séance pour la même année.',
    otherCurrency: (field, currency) => `« ${field} » doit être en ${currency}, comme les autres montants.`,
    sum: (total, count, cost, isRounded) =>
      `${total} ÷ ${sessions(count)} = ${cost} par séance${isRounded ? ', arrondi à 4 décimales' : ''}`,
    noRoom: (excess, most) =>
      `Les hypothèses ne peuvent pas dépasser ${number(most)} caractères. Raccourcissez-les d’abord de ${number(excess)} : votre saisie ici est conservée.`,
    fill: 'Utiliser ce coût',
    filled: cost => `Coût par séance : ${cost}. Les coûts figurent dans les hypothèses.`,
    line: (items, total, count, rounded) =>
      `Coût par séance : ${items.map(({ name, amount }) => `${name.toLowerCase()} ${amount}`).join(' + ')} = ${total} pour ${sessions(count)}${rounded === null ? '' : `, arrondi à ${rounded}`}`,
  }
}
