import type { importEn } from './en'

export const importFr: typeof importEn = ({ number, plural, counted }) => {
  const rows = (count: number): string => counted(count, { one: 'ligne', many: 'de lignes', other: 'lignes' })
  const calculations = (count: number): string =>
    counted(count, { one: 'calcul', many: 'de calculs', other: 'calculs' })
  const rowsOf = (count: number, all: number): string =>
    count === all ? rows(count) : `${rows(count)} sur ${number(all)}`
  return {
    lead: 'Chaque ligne devient un calcul. Vérifiez d’abord les lignes : rien n’est enregistré avant que vous appuyiez sur « Importer ».',
    paste: 'Lignes de votre tableur',
    pasteHint: most =>
      `Copiez les lignes avec les noms des colonnes et collez-les ici, ${number(most)} au plus à la fois.`,
    read: 'Vérifier les lignes',
    choose: 'Choisir un fichier Excel ou CSV',
    template: 'Télécharger un modèle',
    templateName: 'modele-importation.csv',
    exampleMentor: 'Camille Dupont (exemple)',
    exampleOrganisation: 'École du Nord',
    exampleCurrency: () => 'EUR',
    workbookFaults: {
      encrypted:
        'Ce fichier a un mot de passe. Enregistrez-le sans mot de passe dans Excel et choisissez-le à nouveau.',
      old: 'Ce fichier vient d’une ancienne version d’Excel (.xls). Enregistrez-le au format .xlsx ou CSV et choisissez-le à nouveau.',
      broken:
        'Nous ne pouvons pas lire ce fichier. Enregistrez-le dans Excel au format .xlsx ou CSV et choisissez-le à nouveau.',
      tooLarge: 'C’est trop long pour être lu en une fois. Copiez les lignes utiles dans un nouveau fichier.',
    },
    drop: 'ou déposez-le n’importe où ici',
    whatColumns: 'Colonnes que vous pouvez importer',
    needed: 'obligatoire',
    tooMany: (count, most) =>
      `Il y a ${rows(count)}. Vous pouvez en importer ${number(most)} au plus à la fois : répartissez-les.`,
    tooLong: 'C’est trop long pour être lu en une fois. Répartissez-le.',
    nothing: 'Nous n’avons trouvé aucune ligne. Copiez-les avec les noms des colonnes et collez-les ici.',
    notText: 'Ce n’est pas un fichier Excel ou CSV. Copiez les lignes de la feuille et collez-les.',
    noRoom: 'Ce navigateur n’a pas la place de garder les lignes pendant l’envoi. Importez-en moins à la fois.',
    how: 'Comment nous avons lu vos lignes',
    head: 'La première ligne contient les noms des colonnes',
    column: (letter, name) => (name === '' ? `Colonne ${letter}` : `${letter} : ${name}`),
    noColumn: 'Absente de ma feuille',
    meaning: (column, example) => `${column} : que signifie ${example} ?`,
    currency: 'Les montants sans devise sont en',
    externalId: 'ID externe',
    sharedId: row =>
      `La ligne ${number(row)} a aussi cet ID. Modifiez-le, ou indiquez que les ID externes sont absents de votre feuille.`,
    signMeaning: sign => `Quelle devise est ${sign} ?`,
    chooseCurrency: 'Choisir une devise',
    whichCurrency: 'De quelle devise s’agit-il ? Choisissez-la ci-dessus.',
    otherMentor: mentor => `Vous ne pouvez importer que pour vous-même, ${mentor}.`,
    otherOrganisation: organisation => `Vous ne pouvez importer que pour ${organisation}.`,
    otherCurrency: currency => `Ce montant n’est pas en ${currency}, la devise de cette ligne.`,
    whichDay: 'De quelle date s’agit-il ? Choisissez-la ci-dessus.',
    whichNumber: 'De quel nombre s’agit-il ? Choisissez-le ci-dessus.',
    sameAs: row => `Comme la ligne ${number(row)}`,
    duplicateRows: count =>
      count === 1
        ? '1 ligne est identique à une ligne précédente. Elle est laissée de côté.'
        : `${rows(count)} sont identiques à une ligne précédente. Elles sont laissées de côté.`,
    includeDuplicates: count =>
      count === 1 ? 'Importer aussi la ligne en double' : 'Importer aussi les lignes en double',
    comparing: 'Recherche des calculs qui existent déjà…',
    existing: count => `Déjà présentes ${number(count)}`,
    existingRows: count =>
      count === 1
        ? '1 ligne correspond à un calcul qui existe déjà : mêmes mentor, organisation, période, nom et nombres.'
        : `${rows(count)} correspondent à des calculs qui existent déjà : mêmes mentor, organisation, période, nom et nombres.`,
    includeExisting: count => (count === 1 ? 'L’importer quand même' : 'Les importer quand même'),
    alreadyExists: 'Existe déjà',
    showExisting: id => `Ouvrir le calcul existant qui correspond à la ligne ${number(id)}`,
    uncompared: count => `Non comparées ${number(count)}`,
    uncomparedRows: count =>
      `Nous n’avons pas pu comparer ${rows(count)} avec tous les calculs existants. Vérifiez vous-même si ${count === 1 ? 'elle existe' : 'elles existent'} déjà.`,
    notCompared: 'Non comparée',
    undo: 'Annuler cette importation',
    undoHeading: 'Annuler cette importation ?',
    undoWhat: count =>
      `${calculations(count)} de cette importation ${count === 1 ? 'sera supprimé' : 'seront supprimés'} pour tout le monde. Un calcul que quelqu’un a modifié depuis est conservé.`,
    undoUnanswered: count =>
      `Il n’y a pas encore de réponse pour ${rows(count)} : nous vérifions et supprimons ce qui a été enregistré.`,
    undoKeep: count => (count === 1 ? 'Le garder' : 'Les garder'),
    undoProgress: 'Avancement de l’annulation',
    kept: count => `Modifiées depuis ${number(count)}`,
    changedSince: 'Modifié depuis l’importation, donc non supprimé',
    undone: (deleted, kept) => {
      const removed = `${calculations(deleted)} ${plural(deleted, { one: 'supprimé', other: 'supprimés' })}.`
      if (kept === 0) return removed
      const changed = plural(kept, { one: 'modifié', other: 'modifiés' })
      const left = plural(kept, { one: 'non supprimé', other: 'non supprimés' })
      return `${removed} ${calculations(kept)} ${changed} depuis l’importation, donc ${left}.`
    },
    shown: 'Afficher',
    all: count => `Toutes ${number(count)}`,
    ready: count => `Prêtes ${number(count)}`,
    faulty: count => `À corriger ${number(count)}`,
    refused: count => `Non acceptées ${number(count)}`,
    refusedCell: (column, detail) => `${column} : valeur non acceptée. ${detail}`,
    refusals: {
      external_id_taken: 'Un autre calcul a cet ID, avec un autre contenu.',
      limit_reached: 'Il y a autant de calculs pour ce mentor que ce serveur en autorise. Supprimez-en un d’abord.',
      payload_too_large: 'Cette ligne est trop longue. Raccourcissez ses textes.',
    },
    showHolder: id => `Ouvrir le calcul qui a l’ID de la ligne ${number(id)}`,
    duplicate: count => `En double ${number(count)}`,
    done: count => `Importées ${number(count)}`,
    noneShown: 'Aucune ligne ici.',
    allFixed: 'Tout est corrigé.',
    rows: 'Lignes',
    row: id => `Ligne ${number(id)}`,
    cell: (column, id) => `${column}, ligne ${number(id)}`,
    skip: 'Ignorer',
    skipRow: id => `Ignorer la ligne ${number(id)}`,
    page: (page, pages) => `Page ${number(page)} sur ${number(pages)}`,
    earlier: 'Lignes précédentes',
    later: 'Lignes suivantes',
    sending: 'Envoi…',
    unanswered: 'Pas encore de réponse',
    unansweredHint:
      'Cette ligne est peut-être déjà importée. Si vous continuez, nous vérifions et ne l’importons jamais deux fois.',
    show: 'Ouvrir',
    showRow: id => `Ouvrir le calcul de la ligne ${number(id)}`,
    begin: (count, all) => `Importer ${rowsOf(count, all)}`,
    goOn: (count, all) => `Continuer avec ${rowsOf(count, all)}`,
    stop: 'Arrêter',
    stopping: { import: 'Arrêt après les lignes en cours d’envoi…', undo: 'Arrêt…' },
    waits: 'Le serveur est occupé ou injoignable. La suite reprendra d’elle-même.',
    progress: 'Avancement de l’importation',
    progressOf: (settled, of) => `${number(settled)} sur ${rows(of)}`,
    discard: 'Abandonner',
    another: 'Importer d’autres lignes',
    discardHeading: 'Abandonner ces lignes ?',
    discardWhat: count =>
      count === 1 ? 'Une ligne n’est pas encore importée.' : `${rows(count)} ne sont pas encore importées.`,
    keep: 'Les garder',
    announcedRead: (ready, left) =>
      `${rows(ready)} ${plural(ready, { one: 'prête', other: 'prêtes' })}, ${number(left)} à corriger.`,
    announcedBegun: count => `Importation de ${rows(count)}.`,
    announcedPart: (settled, of) => `${number(settled)} sur ${number(of)}.`,
    announcedEnded: (done, left) => {
      const imported = `${calculations(done)} ${plural(done, { one: 'importé', other: 'importés' })}`
      return left === 0 ? `${imported}.` : `${imported}, il reste ${rows(left)}.`
    },
  }
}
