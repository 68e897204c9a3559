import type { importEn } from './import-en'

export const importFr: typeof importEn = ({ number, plural, counted }) => {
  const rows = (count: number): string => counted(count, { one: 'ligne', many: 'de lignes', other: 'lignes' })
  const calculations = (count: number): string =>
    counted(count, { one: 'calcul', many: 'de calculs', other: 'calculs' })
  return {
    open: 'Importer',
    heading: 'Importer depuis un tableur',
    lead: 'Chaque ligne devient un calcul. Vérifiez d’abord les lignes : rien n’est enregistré avant que vous appuyiez sur « Importer ».',
    paste: 'Lignes de votre tableur',
    pasteHint: most =>
      `Copiez les lignes avec les noms des colonnes et collez-les ici, ${number(most)} au plus à la fois.`,
    read: 'Vérifier les lignes',
    choose: 'Choisir un fichier CSV',
    drop: 'ou déposez-le n’importe où ici',
    whatColumns: 'Colonnes que vous pouvez importer',
    needed: 'obligatoire',
    tooMany: (count, most) =>
      `Il y a ${rows(count)}. Vous pouvez en importer ${number(most)} au plus à la fois : répartissez-les.`,
    tooLong: 'C’est trop long pour être lu en une fois. Répartissez-le.',
    nothing: 'Nous n’avons trouvé aucune ligne. Copiez-les avec les noms des colonnes et collez-les ici.',
    notText: 'Ce n’est pas un fichier CSV. Enregistrez la feuille au format CSV, ou copiez ses lignes et collez-les.',
    noRoom: 'Ce navigateur n’a pas la place de garder les lignes pendant l’envoi. Importez-en moins à la fois.',
    how: 'Comment nous avons lu vos lignes',
    head: 'La première ligne contient les noms des colonnes',
    column: (letter, name) => (name === '' ? `Colonne ${letter}` : `${letter} : ${name}`),
    noColumn: 'Absente de ma feuille',
    meaning: (column, example) => `${column} : que signifie ${example} ?`,
    currency: 'Les montants sans devise sont en',
    otherMentor: mentor => `Vous ne pouvez importer que pour vous-même, ${mentor}.`,
    otherOrganisation: organisation => `Vous ne pouvez importer que pour ${organisation}.`,
    otherCurrency: currency => `Ce montant n’est pas en ${currency}, la devise de cette ligne.`,
    whichDay: 'De quelle date s’agit-il ? Choisissez-la ci-dessus.',
    whichNumber: 'De quel nombre s’agit-il ? Choisissez-le ci-dessus.',
    sameAs: row => `Comme la ligne ${number(row)}`,
    shown: 'Afficher',
    all: count => `Toutes ${number(count)}`,
    ready: count => `Prêtes ${number(count)}`,
    faulty: count => `À corriger ${number(count)}`,
    refused: count => `Non acceptées ${number(count)}`,
    duplicate: count => `En double ${number(count)}`,
    done: count => `Importées ${number(count)}`,
    noneShown: 'Aucune ligne ici.',
    allFixed: 'Tout est corrigé.',
    skipDuplicates: count =>
      count === 1 ? 'Ignorer la ligne en double' : `Ignorer les ${number(count)} lignes en double`,
    rows: 'Lignes',
    row: id => `Ligne ${number(id)}`,
    cell: (column, id) => `${column}, ligne ${number(id)}`,
    leaveOut: 'Ignorer',
    leaveOutRow: id => `Ignorer la ligne ${number(id)}`,
    page: (page, pages) => `Page ${number(page)} sur ${number(pages)}`,
    earlier: 'Lignes précédentes',
    later: 'Lignes suivantes',
    sending: 'Envoi…',
    unanswered: 'Pas encore de réponse',
    unansweredHint:
      'Cette ligne est peut-être déjà importée. Si vous continuez, nous vérifions et ne l’importons jamais deux fois.',
    show: 'Ouvrir',
    showRow: id => `Ouvrir le calcul de la ligne ${number(id)}`,
    begin: count => `Importer ${rows(count)}`,
    goOn: count => `Continuer avec ${rows(count)}`,
    stop: 'Arrêter',
    stopping: 'Arrêt après les lignes en cours d’envoi…',
    waits: 'Le serveur est occupé ou injoignable. L’importation continuera d’elle-même.',
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
