import { caveatIn } from './caveats'
import type { Words } from './en'

export const undefinedBecause: Words['undefinedBecause'] = {
  no_sessions: 'aucune séance n’a eu lieu',
  no_minutes: 'les séances n’ont pas de durée',
  zero_cost: 'les séances ne coûtent rien',
  zero_value: 'une heure est évaluée à zéro',
}

export const picture: Words['picture'] = {
  title: 'Coût et valeur selon la durée d’une séance',
  valueOfSession: 'valeur par séance',
  costOfSession: cost => `coût par séance, ${cost}`,
  breakEven: minutes => `équilibre à ${minutes} minutes`,
  worth: (minutes, value) => `${minutes} minutes, valeur ${value}`,
  label: (minutes, cost, value) => `Une séance de ${minutes} minutes coûte ${cost} et vaut ${value}.`,
  equal: minutes => `À ${minutes} minutes, la valeur égale le coût.`,
}

export const ratioBar: Words['ratioBar'] = {
  between: (low, high, one) => `Entre ${low} et ${high} pour ${one}`,
  breakEven: one => `équilibre à ${one}`,
  label: (low, high, stated, one) =>
    `De ${low} à ${high}. La valeur par heure indiquée donne ${stated}. À ${one}, la valeur égale le coût.`,
}

export const caveat = caveatIn({
  1: 'Seul le temps est évalué ici : il s’agit d’un ratio VIVA, non d’un retour social sur investissement. Il ne mesure ni ce qui a changé pour les personnes accompagnées, ni ce qui se serait produit de toute façon.',
  2: 'Les coûts indiqués sont comparés à ce que les heures de mentorat auraient coûté en travail rémunéré. Ce résultat n’est comparable à un ratio VIVA publié que si ces coûts comprennent toutes les dépenses du programme. Ce n’est pas un retour social sur investissement : il ne mesure aucun effet et ne tient pas compte de ce qui se serait produit de toute façon.',
})

export const fr: Words = {
  title: 'Bénéfice d’un programme de mentorat',
  description: 'Un résultat partagé : ce qu’un programme de mentorat a coûté, et ce que vaut le temps de mentorat.',
  kind: 'Résultat partagé d’un programme de mentorat',
  everyOneSpent: (one, gives) => `Pour ${one} dépensé, ${gives} de temps de mentorat`,
  netBenefitOf: amount => `Bénéfice net de ${amount}`,
  lead: 'Ce que le programme a coûté, comparé à ce que les heures des mentors auraient coûté en travail rémunéré.',
  amountsIn: currency => `Montants en ${currency}.`,
  ownCurrency: 'devise de l’organisation',
  noOrganisation: 'Aucune organisation',
  heldFrom: (from, to) => ['Les séances ont eu lieu du ', from, ' au ', to, '.'],
  superseded: 'Il existe un résultat plus récent. Demandez un nouveau lien à la personne qui vous a envoyé celui-ci.',
  statement: 'Résumé',
  timeValue: 'Valeur du temps de mentorat',
  programmeCost: 'Coût du programme',
  netBenefit: 'Bénéfice net',
  change: 'Évolution',
  counted: 'Les chiffres',
  sessions: 'Nombre de séances',
  meanLength: 'Durée moyenne',
  minutes: 'minutes',
  costOfSession: 'Coût par séance',
  valueOfHour: 'Valeur par heure',
  valueSource: 'Source de la valeur par heure',
  hoursGiven: 'Heures de mentorat',
  comesTo: 'Le résultat',
  ratio: 'Ratio bénéfice-coût',
  returnOnCost: 'Rendement par rapport au coût',
  costOfHourGiven: 'Coût par heure',
  netOfSession: 'Bénéfice net par séance',
  breakEvenLength: 'Durée d’équilibre',
  range: 'Avec la valeur par heure la plus basse et la plus haute',
  lowest: 'La plus basse',
  highest: 'La plus haute',
  assumptions: 'Hypothèses',
  none: reason => `non défini : ${reason}`,
  undefinedBecause,
  picture,
  ratioBar,
  caveat,
  method: name =>
    `Méthode ${name} : valeur = nombre de séances × durée moyenne en minutes × valeur par heure ÷ 60 ; coût = nombre de séances × coût par séance.`,
  computed: (at, until) => ['Calculé le ', at, '. Ce lien fonctionne jusqu’au ', until, '.'],
  download: 'Télécharger :',
  noShareKind: 'Résultat partagé',
  withdrawn: {
    heading: 'Ce résultat n’est plus partagé',
    lead: 'Le lien a été désactivé ou a expiré. Demandez-en un nouveau à la personne qui vous l’a envoyé.',
  },
  mistyped: {
    heading: 'Ce lien ne mène à aucun résultat',
    lead: 'Vérifiez que vous avez copié tout le lien, ou demandez-en un nouveau à la personne qui vous l’a envoyé.',
  },
  noPage: { heading: 'Page introuvable', lead: 'Vérifiez l’adresse, ou ouvrez le calculateur.' },
  home: 'Ouvrir le calculateur',
}
