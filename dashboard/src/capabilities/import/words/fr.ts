import type { importEn } from './en'

export const importFr: typeof importEn = ({ number, plural, counted }) => {
  const rows = (count: number): string => counted(count, { one: 'ligne', many: 'de lignes', other: 'lignes' })
  const calculations = (count: number): string =>
    counted(count, { one: 'calcul', many: 'de calculs', other: 'calculs' })
  const listed = (ids: readonly number[]): string =>
    `${ids.slice(0, 10).map(number).join(', ')}${ids.length > 10 ? ' …' : ''}`
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
        'Ce fichier est protégé par un mot de passe. Enregistrez-le sans mot de passe dans Excel et choisissez-le à nouveau.',
      old: 'Ce fichier vient d’une ancienne version d’Excel (.xls). Enregistrez-le au format .xlsx ou CSV et choisissez-le à nouveau.',
      broken:
        'Nous ne pouvons pas lire ce fichier. Enregistrez-le dans Excel au format .xlsx ou CSV et choisissez-le à nouveau.',
      tooLarge: 'C’est trop long pour être lu en une fois. Copiez les lignes utiles dans un nouveau fichier.',
    },
    drop: 'ou déposez-le n’importe où sur cette page',
    whatColumns: 'Colonnes que vous pouvez importer',
    needed: 'obligatoire',
    tooMany: (count, most) =>
      `Il y a ${rows(count)}. Vous pouvez en importer ${number(most)} au plus à la fois : procédez en plusieurs fois.`,
    tooLong: 'C’est trop long pour être lu en une fois. Importez vos lignes en plusieurs fois.',
    nothing: 'Nous n’avons trouvé aucune ligne. Copiez vos lignes avec les noms des colonnes et collez-les ici.',
    notText: 'Ce n’est pas un fichier Excel ou CSV. Copiez les lignes de la feuille et collez-les.',
    noRoom:
      'Ce navigateur n’a pas assez de mémoire pour garder les lignes pendant l’envoi. Importez-en moins à la fois.',
    how: 'Comment nous avons lu vos lignes',
    headers: 'Ligne des noms de colonnes',
    headerRow: (row, texts) => `ligne ${number(row)} : ${texts}`,
    noHeader: 'aucune',
    recognised: count => `Colonnes : ${number(count)} ${plural(count, { one: 'reconnue', other: 'reconnues' })}`,
    whichColumn: member => `Quelle colonne contient « ${member} » ?`,
    whatIs: (letter, name, example) =>
      `Que contient la colonne ${name === '' ? letter : `« ${name} »`}, par exemple « ${example} » ?`,
    leaveOut: 'L’ignorer',
    column: (letter, name) => (name === '' ? `Colonne ${letter}` : `${letter} : ${name}`),
    noColumn: 'Absente de ma feuille',
    meaning: (column, example) => `${column} : que signifie ${example} ?`,
    currency: count =>
      count === 0 ? 'Les montants sans devise sont en' : `Les montants sans devise, dans ${rows(count)}, sont en`,
    externalId: 'ID externe',
    sharedId: row =>
      `La ligne ${number(row)} a aussi cet ID. Modifiez l’un des deux, ou indiquez que votre feuille ne contient pas d’ID externes.`,
    signMeaning: (sign, count) => `${sign} dans ${rows(count)} : de quelle devise s’agit-il ?`,
    anotherCurrency: 'Une autre devise',
    questions: {
      date: (example, count) =>
        count === 1
          ? `À quel jour correspond ${example} ?`
          : `À quel jour correspond ${example} ? ${counted(count - 1, { one: 'autre date est lue', many: 'd’autres dates sont lues', other: 'autres dates sont lues' })} de la même façon.`,
      number: (example, count) =>
        count === 1
          ? `À quel nombre correspond ${example} ?`
          : `À quel nombre correspond ${example} ? ${counted(count - 1, { one: 'autre nombre est lu', many: 'd’autres nombres sont lus', other: 'autres nombres sont lus' })} de la même façon.`,
    },
    elsewhere: count =>
      `${counted(count, { one: 'nombre est écrit', many: 'de nombres sont écrits', other: 'nombres sont écrits' })} autrement que les autres. Est-ce correct ?`,
    readAs: texts => `Oui : ${texts.map(([text, value]) => `${text} signifie ${value}`).join(', ')}`,
    day: field => `« ${field} » doit être une date ou un mois avec l’année, par exemple 31 mars 2026 ou mars 2026.`,
    waitsForAnswer: 'Sans réponse',
    sameNames: 'S’agit-il des mêmes noms ?',
    inRows: count => `(${rows(count)})`,
    knownName: 'déjà connu',
    change: 'Modifier',
    useName: (name, better) => `Remplacer ${name} par ${better}`,
    changeAll: count => (count === 1 ? 'Le modifier' : `Modifier les ${number(count)}`),
    moreNames: count => `et ${counted(count, { one: 'autre', many: 'd’autres', other: 'autres' })}`,
    otherMentor: mentor => `Vous ne pouvez importer que pour vous-même, ${mentor}.`,
    otherOrganisation: organisation => `Vous ne pouvez importer que pour ${organisation}.`,
    otherCurrency: currency => `Ce montant n’est pas en ${currency}, la devise de cette ligne.`,
    sameAs: row => `Comme la ligne ${number(row)}`,
    leftOut: 'Écartées, sauf si vous les cochez :',
    duplicateRows: count =>
      count === 1 ? '1 ligne identique à une ligne précédente' : `${rows(count)} identiques à une ligne précédente`,
    existingRows: count =>
      count === 1
        ? '1 ligne qui correspond à un calcul existant : mêmes mentor, organisation, période, nom et chiffres'
        : `${rows(count)} qui correspondent à des calculs existants : mêmes mentor, organisation, période, nom et chiffres`,
    asideRows: (count, ids) =>
      count === 1
        ? `1 ligne qui ressemble à un total, un titre ou une remarque : ligne ${listed(ids)}`
        : `${rows(count)} qui ressemblent à des totaux, des titres ou des remarques : lignes ${listed(ids)}`,
    looksAside: 'Pas un calcul ?',
    leftOutReasons: 'Écartées :',
    reasons: {
      faulty: count => `${number(count)} à corriger`,
      asked: count => `${number(count)} sans réponse`,
      duplicate: count => `${number(count)} en double`,
      existing: count => `${number(count)} déjà ${plural(count, { one: 'présente', other: 'présentes' })}`,
      aside: count => `${number(count)} ${count === 1 ? 'n’est pas un calcul' : 'ne sont pas des calculs'}`,
    },
    noneReady: 'Aucune ligne n’est prête pour l’instant.',
    comparing: 'Recherche des calculs qui existent déjà…',
    existing: count => `Déjà présentes ${number(count)}`,
    alreadyExists: 'Déjà présente',
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
      `Il n’y a pas encore de réponse pour ${rows(count)} : nous vérifierons et supprimerons ce qui a été enregistré.`,
    undoKeep: count => (count === 1 ? 'Le garder' : 'Les garder'),
    undoProgress: 'Progression de l’annulation',
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
      external_id_taken: 'Un autre calcul, au contenu différent, a déjà cet ID.',
      limit_reached: 'Le nombre maximal de calculs est atteint pour ce mentor. Supprimez-en un d’abord.',
      payload_too_large: 'Cette ligne est trop longue. Raccourcissez ses textes.',
    },
    showHolder: id => `Ouvrir le calcul qui a l’ID de la ligne ${number(id)}`,
    duplicate: count => `En double ${number(count)}`,
    asked: count => `Sans réponse ${number(count)}`,
    aside: count => `Autres lignes ${number(count)}`,
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
      'Cette ligne est peut-être déjà importée. Si vous continuez, nous vérifierons d’abord : elle n’est jamais importée deux fois.',
    show: 'Ouvrir',
    showRow: id => `Ouvrir le calcul de la ligne ${number(id)}`,
    begin: (count, leftOut) =>
      leftOut === 0 ? `Importer ${rows(count)}` : `En importer ${number(count)}, en écarter ${number(leftOut)}`,
    goOn: (count, leftOut) =>
      leftOut === 0
        ? `Continuer avec ${rows(count)}`
        : `Continuer avec ${number(count)}, en écarter ${number(leftOut)}`,
    stop: 'Arrêter',
    stopping: { import: 'Arrêt après les lignes en cours d’envoi…', undo: 'Arrêt…' },
    waits: 'Le serveur est occupé ou injoignable. L’opération reprendra automatiquement.',
    progress: 'Progression de l’importation',
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
