import type { selectedEn } from './selected-en'

export const selectedFr: typeof selectedEn = ({ number, counted }) => {
  const calculations = (count: number): string =>
    counted(count, { one: 'calcul', many: 'de calculs', other: 'calculs' })
  return {
    select: name => `Sélectionner ${name}`,
    selectAll: 'Sélectionner tous ceux qui sont chargés',
    all: 'Tous',
    label: 'Calculs sélectionnés',
    count: count => counted(count, { one: 'sélectionné', other: 'sélectionnés' }),
    full: 'Vous ne pouvez pas en sélectionner plus à la fois.',
    comparable: (least, most) => `Sélectionnez-en ${number(least)} à ${number(most)} pour les comparer.`,
    exportable: most => `Vous pouvez en exporter ${number(most)} au plus à la fois.`,
    clear: 'Tout désélectionner',
    compare: 'Comparer',
    delete: 'Supprimer',
    confirmHeading: count => (count === 1 ? 'Supprimer ce calcul ?' : `Supprimer ${calculations(count)} ?`),
    removes: (count, withResult) =>
      `${count === 1 ? 'Le calcul est supprimé' : 'Les calculs sont supprimés'} pour tout le monde, avec tous les résultats et liens de partage. ${
        withResult === 0
          ? 'Il n’y a pas de résultat actuellement'
          : withResult === count
            ? count === 1
              ? 'Il a un résultat actuellement'
              : 'Tous ont un résultat actuellement'
            : `${number(withResult)} d’entre eux ${withResult === 1 ? 'a' : 'ont'} un résultat actuellement`
      }. Vous ne pourrez pas revenir en arrière.`,
    more: count => `et ${number(count)} de plus`,
    keep: count => (count === 1 ? 'Le garder' : 'Les garder'),
    progress: 'Progression de la suppression',
    progressOf: (settled, total) => `${number(settled)} sur ${number(total)}`,
    deleting: count => `Suppression de ${calculations(count)}…`,
    waits: 'Le serveur est injoignable. La suppression reprendra dès qu’il sera de retour.',
    stop: 'Arrêter',
    deleted: count =>
      counted(count, { one: 'calcul supprimé.', many: 'de calculs supprimés.', other: 'calculs supprimés.' }),
    changed: 'Non supprimés, car quelqu’un d’autre les a modifiés. Vérifiez-les d’abord :',
    refused: reason => `Non supprimés : ${reason}`,
    stopped: 'Non supprimés, car vous avez arrêté :',
    close: 'Fermer',
  }
}
