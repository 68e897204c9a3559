import type { changeRowsEn } from './change-rows-en'

export const changeRowsFr: typeof changeRowsEn = ({ number, counted }) => {
  const calculations = (count: number): string =>
    counted(count, { one: 'calcul', many: 'de calculs', other: 'calculs' })
  const changing = {
    nothingLeft: 'Il ne reste rien à modifier',
    progress: 'Progression de la modification',
    running: (count: number) => `Modification de ${calculations(count)}…`,
    waits: 'Le serveur est injoignable. La modification reprendra dès qu’il répondra de nouveau.',
    done: (count: number) =>
      counted(count, { one: 'calcul modifié.', many: 'de calculs modifiés.', other: 'calculs modifiés.' }),
    changed: 'Non modifiés, car quelqu’un d’autre les a changés entre-temps. Vérifiez-les, puis réessayez :',
    refused: (reason: string) => `Non modifiés : ${reason}`,
    stopped: 'Non modifiés, car vous avez arrêté l’opération :',
  }
  return {
    unlisted: count =>
      count === 1
        ? 'Le calcul n’est plus dans la liste. Quelqu’un l’a supprimé ou modifié.'
        : 'Les calculs ne sont plus dans la liste. Quelqu’un les a supprimés ou modifiés.',
    more: count => `et ${counted(count, { one: 'autre', many: 'd’autres', other: 'autres' })}`,
    progressOf: (settled, total) => `${number(settled)} sur ${number(total)}`,
    stop: 'Arrêter',
    close: 'Fermer',
    deletion: {
      heading: count => (count === 1 ? 'Supprimer ce calcul ?' : `Supprimer ${calculations(count)} ?`),
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
        }. « Annuler la suppression » ${count === 1 ? 'le' : 'les'} recrée avec les mêmes chiffres, mais sans liens ni historique.`,
      nothingLeft: 'Il ne reste rien à supprimer',
      keep: count => (count === 1 ? 'Le garder' : 'Les garder'),
      progress: 'Progression de la suppression',
      running: count => `Suppression de ${calculations(count)}…`,
      waits: 'Le serveur est injoignable. La suppression reprendra dès qu’il répondra de nouveau.',
      done: count =>
        counted(count, { one: 'calcul supprimé.', many: 'de calculs supprimés.', other: 'calculs supprimés.' }),
      changed: 'Non supprimés, car quelqu’un les a modifiés entre-temps. Vérifiez-les, puis réessayez :',
      refused: reason => `Non supprimés : ${reason}`,
      stopped: 'Non supprimés, car vous avez arrêté l’opération :',
    },
    reassign: {
      heading: count => `Changer le mentor ou l’organisation${count === 1 ? '' : ` de ${calculations(count)}`}`,
      several: 'plusieurs',
      keepHint: 'Laissez vide pour ne rien changer',
      organisationHint: 'Laissez vide s’il n’y a pas d’organisation',
      remove: 'Aucune organisation',
      changes: (count, total) =>
        count === 0
          ? 'Rien ne change pour l’instant.'
          : `${count === total ? calculations(count) : `${number(count)} sur ${calculations(total)}`} ${count === 1 ? 'va' : 'vont'} changer :`,
      fromTo: {
        mentorId: (from, to) => ['Mentor : auparavant ', from, ', désormais ', to],
        organisationId: (from, to) => ['Organisation : auparavant ', from, ', désormais ', to],
      },
      withCount: (name, count) => [name, ` (${number(count)})`],
      noOrganisation: 'aucune organisation',
      nothing: 'Indiquez un autre mentor ou une autre organisation.',
      submit: count => (count === 0 ? 'Modifier' : `Modifier ${calculations(count)}`),
      ...changing,
      mentorFull: limit => `Ce mentor a déjà ${calculations(limit)}, c’est le maximum.`,
    },
    details: {
      ...changing,
      heading: count => `Définir la devise, la période ou la source${count === 1 ? '' : ` de ${calculations(count)}`}`,
      what: 'Les champs laissés vides ne changent pas. Les montants ne sont pas convertis dans une autre devise.',
      changes: (count, total) =>
        `${count === total ? calculations(count) : `${number(count)} sur ${calculations(total)}`} ${count === 1 ? 'va' : 'vont'} changer.`,
      withoutResult: 'Non modifiés, car ils n’ont pas encore de résultat :',
      noResult: 'Il n’a plus de résultat.',
      nothing: 'Indiquez une devise, une période ou une source.',
      submit: count => (count === 0 ? 'Définir' : `Définir pour ${calculations(count)}`),
    },
    undo: {
      heading: count => (count === 1 ? 'Recréer ce calcul ?' : `Recréer ${calculations(count)} ?`),
      what: count =>
        `${count === 1 ? 'Il retrouve ses derniers chiffres, son nom, sa période, sa source et son ID externe' : 'Ils retrouvent leurs derniers chiffres, noms, périodes, sources et ID externes'}. Les liens de partage, les résultats antérieurs, l’historique et les ID seront perdus.`,
      submit: 'Recréer',
      nothingLeft: 'Il ne reste rien à rétablir',
      progress: 'Progression',
      running: count => `Création de ${calculations(count)}…`,
      waits: 'Le serveur est injoignable. L’opération reprendra dès qu’il répondra de nouveau.',
      done: count => counted(count, { one: 'calcul recréé.', many: 'de calculs recréés.', other: 'calculs recréés.' }),
      changed: 'Non recréés :',
      refused: reason => `Non recréés : ${reason}`,
      stopped: 'Non recréés, car vous avez arrêté l’opération :',
    },
  }
}
