import type { Words } from './en'

export const undefinedBecause: Words['undefinedBecause'] = {
  no_sessions: 'aucune séance n’a eu lieu',
  no_minutes: 'les séances n’ont pas de durée',
  zero_cost: 'les séances ne coûtent rien',
  zero_value: 'une heure est évaluée à zéro',
}

export const picture: Words['picture'] = {
  title: 'Coût et valeur selon la durée d’une séance',
  valueOfSession: 'valeur d’une séance',
  costOfSession: cost => `coût d’une séance, ${cost}`,
  breakEven: minutes => `équilibre à ${minutes} minutes`,
  worth: (minutes, value) => `${minutes} minutes, valeur ${value}`,
  label: (minutes, cost, value) => `Une séance de ${minutes} minutes coûte ${cost} et vaut ${value}.`,
  equal: minutes => `À ${minutes} minutes, la valeur égale le coût.`,
}

export const fr: Words = {
  title: 'Bénéfice d’un programme de mentorat',
  description:
    'Un résultat partagé du calculateur de mentorat : ce qu’un programme a coûté, et ce que le temps de ses mentors aurait coûté à l’achat.',
  kind: 'Résultat partagé d’un programme de mentorat',
  everyOneSpent: (one, gives) => `Pour ${one} dépensé, ${gives} de temps de mentorat`,
  netBenefitOf: amount => `Bénéfice net de ${amount}`,
  lead: 'Ce que le programme a coûté, face à ce que les heures données par ses mentors auraient coûté à l’achat.',
  amountsIn: currency => `Montants en ${currency}.`,
  ownCurrency: 'monnaie de l’organisation',
  heldFrom: (from, to) => ['Les séances ont eu lieu du ', from, ' au ', to, '.'],
  superseded:
    'Un résultat plus récent a été calculé depuis. Demandez un lien vers celui-ci à qui vous a envoyé ce lien.',
  statement: 'Bilan',
  timeValue: 'Valeur du temps des mentors',
  programmeCost: 'Coût du programme',
  netBenefit: 'Bénéfice net',
  counted: 'Ce qui a été compté',
  sessions: 'Séances',
  meanLength: 'Durée moyenne',
  minutes: 'minutes',
  costOfSession: 'Coût d’une séance',
  valueOfHour: 'Valeur d’une heure',
  hoursGiven: 'Heures données',
  comesTo: 'Ce qui en résulte',
  ratio: 'Rapport bénéfice-coût',
  returnOnCost: 'Rendement du coût',
  costOfHourGiven: 'Coût d’une heure donnée',
  netOfSession: 'Bénéfice net d’une séance',
  breakEvenLength: 'Durée à l’équilibre',
  none: reason => `aucun : ${reason}`,
  undefinedBecause,
  picture,
  caveat: () =>
    'Il s’agit d’un rapport entre la valeur du temps donné et le coût (VIVA), non d’un retour social sur investissement : il ne compte ni effets, ni poids mort, ni attribution, ni actualisation.',
  method: name =>
    `Méthode ${name} : valeur = séances × minutes × valeur d’une heure ÷ 60 ; coût = séances × coût d’une séance.`,
  computed: (at, until) => ['Calculé le ', at, '. Ce lien est valable jusqu’au ', until, '.'],
  download: 'Télécharger :',
  noShareKind: 'Résultat partagé',
  withdrawn: {
    heading: 'Ce résultat n’est plus partagé',
    lead: 'Ce lien a été retiré ou a expiré. Demandez-en un nouveau à qui vous l’a envoyé.',
  },
  mistyped: {
    heading: 'Il n’y a pas de résultat à ce lien',
    lead: 'Vérifiez que le lien a été copié en entier, ou demandez-en un nouveau à qui vous l’a envoyé.',
  },
  noPage: { heading: 'Il n’y a pas de page ici', lead: 'Vérifiez l’adresse, ou repartez du début.' },
  home: 'Vers le calculateur',
}
