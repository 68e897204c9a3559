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
    full: most => `Vous pouvez sélectionner ${number(most)} calculs au plus.`,
    exportable: most => `Vous pouvez en exporter ${number(most)} au plus à la fois.`,
    clear: 'Tout désélectionner',
    delete: 'Supprimer',
    confirmHeading: count => (count === 1 ? 'Supprimer ce calcul ?' : `Supprimer ${calculations(count)} ?`),
    removes: (count, withResult) =>
      `${count === 1 ? 'Le calcul sera supprimé' : 'Les calculs seront supprimés'} pour tout le monde, avec tous les résultats et liens de partage. ${
        withResult === 0
          ? count === 1
            ? 'Il n’a pas de résultat actuellement'
            : 'Aucun n’a de résultat actuellement'
          : withResult === count
            ? count === 1
              ? 'Il a un résultat actuellement'
              : 'Tous ont un résultat actuellement'
            : `${number(withResult)} d’entre eux ${withResult === 1 ? 'a' : 'ont'} un résultat actuellement`
      }. Vous ne pourrez pas revenir en arrière.`,
    nothingLeft: 'Il ne reste rien à supprimer',
    unlisted: count =>
      count === 1
        ? 'Le calcul n’est plus dans la liste. Quelqu’un l’a supprimé ou modifié.'
        : 'Les calculs ne sont plus dans la liste. Quelqu’un les a supprimés ou modifiés.',
    more: count => `et ${number(count)} de plus`,
    keep: count => (count === 1 ? 'Le garder' : 'Les garder'),
    progress: 'Progression de la suppression',
    progressOf: (settled, total) => `${number(settled)} sur ${number(total)}`,
    deleting: count => `Suppression de ${calculations(count)}…`,
    waits: 'Le serveur est injoignable. La suppression reprendra dès qu’il sera de retour.',
    stop: 'Arrêter',
    deleted: count =>
      counted(count, { one: 'calcul supprimé.', many: 'de calculs supprimés.', other: 'calculs supprimés.' }),
    changed: 'Non supprimés, car quelqu’un les a modifiés entre-temps. Vérifiez-les, puis supprimez-les de nouveau :',
    refused: reason => `Non supprimés : ${reason}`,
    stopped: 'Non supprimés, car vous avez arrêté :',
    close: 'Fermer',
  }
}
