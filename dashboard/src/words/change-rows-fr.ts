import type { changeRowsEn } from './change-rows-en'

export const changeRowsFr: typeof changeRowsEn = ({ number, counted }) => {
  const calculations = (count: number): string =>
    counted(count, { one: 'calcul', many: 'de calculs', other: 'calculs' })
  const changing = {
    nothingLeft: 'Il ne reste rien à changer',
    progress: 'Progression du changement',
    running: (count: number) => `Changement de ${calculations(count)}…`,
    waits: 'Le serveur est injoignable. Le changement reprendra dès qu’il sera de retour.',
    done: (count: number) =>
      counted(count, { one: 'calcul changé.', many: 'de calculs changés.', other: 'calculs changés.' }),
    changed:
      'Non changés, car quelqu’un d’autre les a modifiés entre-temps. Vérifiez-les, puis changez-les de nouveau :',
    refused: (reason: string) => `Non changés : ${reason}`,
    stopped: 'Non changés, car vous avez arrêté :',
  }
  return {
    unlisted: count =>
      count === 1
        ? 'Le calcul n’est plus dans la liste. Quelqu’un l’a supprimé ou modifié.'
        : 'Les calculs ne sont plus dans la liste. Quelqu’un les a supprimés ou modifiés.',
    more: count => `et ${number(count)} de plus`,
    progressOf: (settled, total) => `${number(settled)} sur ${number(total)}`,
    stop: 'Arrêter',
    close: 'Fermer',
    deletion: {
      heading: count => (count === 1 ? 'Supprimer ce calcul ?' : `Supprimer ${calculations(count)} ?`),
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
        }. « Annuler la suppression » ${count === 1 ? 'le' : 'les'} recommence avec les mêmes nombres, mais sans liens ni historique.`,
      nothingLeft: 'Il ne reste rien à supprimer',
      keep: count => (count === 1 ? 'Le garder' : 'Les garder'),
      progress: 'Progression de la suppression',
      running: count => `Suppression de ${calculations(count)}…`,
      waits: 'Le serveur est injoignable. La suppression reprendra dès qu’il sera de retour.',
      done: count =>
        counted(count, { one: 'calcul supprimé.', many: 'de calculs supprimés.', other: 'calculs supprimés.' }),
      changed: 'Non supprimés, car quelqu’un les a modifiés entre-temps. Vérifiez-les, puis supprimez-les de nouveau :',
      refused: reason => `Non supprimés : ${reason}`,
      stopped: 'Non supprimés, car vous avez arrêté :',
    },
    reassign: {
      heading: count => `Changer le mentor ou l’organisation${count === 1 ? '' : ` de ${calculations(count)}`}`,
      several: 'plusieurs',
      keepHint: 'Laissez vide pour ne pas les changer',
      organisationHint: 'Laissez vide s’il n’y a pas d’organisation',
      remove: 'Aucune organisation',
      changes: (count, total) =>
        count === 0
          ? 'Rien ne change pour l’instant.'
          : `${count === total ? calculations(count) : `${number(count)} sur ${calculations(total)}`} ${count === 1 ? 'va' : 'vont'} changer :`,
      fromTo: {
        mentorId: (from, to) => ['Mentor : de ', from, ' à ', to],
        organisationId: (from, to) => ['Organisation : de ', from, ' à ', to],
      },
      withCount: (name, count) => [name, ` (${number(count)})`],
      noOrganisation: 'aucune organisation',
      nothing: 'Indiquez un autre mentor ou une autre organisation.',
      submit: count => (count === 0 ? 'Changer' : `Changer ${calculations(count)}`),
      ...changing,
      mentorFull: limit => `Le mentor a déjà ${calculations(limit)}, c’est le maximum.`,
    },
    details: {
      ...changing,
      heading: count => `Fixer la devise, la période ou la source${count === 1 ? '' : ` de ${calculations(count)}`}`,
      what: 'Ce que vous laissez vide ne change pas. Les montants ne sont pas convertis dans une autre devise.',
      changes: (count, total) =>
        `${count === total ? calculations(count) : `${number(count)} sur ${calculations(total)}`} ${count === 1 ? 'va' : 'vont'} changer.`,
      withoutResult: 'Non changés, car ils n’ont pas encore de résultat :',
      noResult: 'Il n’a plus de résultat.',
      nothing: 'Indiquez une devise, une période ou une source.',
      submit: count => (count === 0 ? 'Fixer' : `Fixer pour ${calculations(count)}`),
    },
    undo: {
      heading: count => (count === 1 ? 'Recommencer ce calcul ?' : `Recommencer ${calculations(count)} ?`),
      what: count =>
        `${count === 1 ? 'Il retrouve' : 'Ils retrouvent'} les derniers nombres, noms, périodes, sources et identifiants externes. Les liens de partage, anciens résultats, historiques et identifiants sont perdus.`,
      submit: 'Recommencer',
      nothingLeft: 'Il ne reste rien à rétablir',
      progress: 'Progression',
      running: count => `Nouveau départ de ${calculations(count)}…`,
      waits: 'Le serveur est injoignable. La suite reprendra dès qu’il sera de retour.',
      done: count =>
        counted(count, { one: 'calcul recommencé.', many: 'de calculs recommencés.', other: 'calculs recommencés.' }),
      changed: 'Non recommencés :',
      refused: reason => `Non recommencés : ${reason}`,
      stopped: 'Non recommencés, car vous avez arrêté :',
    },
  }
}
