import type { chartsEn } from './charts-en'

export const chartsFr: typeof chartsEn = ({ number }) => ({
  chart: 'Graphique',
  menu: 'Options du graphique',
  valueAndCost: 'Valeur et coût',
  soFar: 'Total cumulé',
  compared: 'Comparaison annuelle',
  cumulative: 'Total cumulé de la valeur et du coût',
  yearBefore: 'Valeur comparée à l’année précédente',
  hours: 'Heures de mentorat par mois',
  label: (title, months, withResults, count) =>
    `${title}, ${months} : ${number(withResults)} mois sur ${number(count)} avec des résultats. Pour voir les chiffres, choisissez « Afficher en tableau ».`,
  onlyIn: currency => (currency === null ? 'résultats sans devise uniquement' : `résultats en ${currency} uniquement`),
  nothing: 'Aucun résultat pour ces mois.',
  nothingBefore: 'Aucun résultat pour les mêmes mois de l’année précédente.',
  before: 'Année précédente',
  difference: 'Écart',
  savePng: 'Enregistrer en PNG',
  saveSvg: 'Enregistrer en SVG',
  source: (name, date) => `Source : ${name}, ${date}`,
})
