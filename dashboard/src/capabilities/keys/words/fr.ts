import type { keysEn } from './en'

export const keysFr: typeof keysEn = ({ counted }) => ({
  heading: 'Clés de service',
  what: 'Des programmes et des personnes se connectent avec ces clés.',
  nothing: 'Pas encore de clé de service.',
  name: 'Nom',
  nameHint: 'L’auteur des modifications faites avec la clé',
  role: 'Rôle',
  roles: {
    READER: 'Lecture',
    MENTOR: 'Mentor',
    COORDINATOR: 'Coordination',
    ADMIN: 'Administration',
  },
  rights: {
    READER: 'Voit les calculs d’une organisation, sans rien modifier',
    MENTOR: 'Voit et modifie les calculs d’un mentor',
    COORDINATOR: 'Voit et modifie les calculs d’une organisation',
    ADMIN: 'Voit et modifie tout, y compris les clés de service',
  },
  organisationHint: 'Uniquement les calculs de cette organisation',
  mentorHint: 'Uniquement les calculs de ce mentor',
  expires: 'Valable jusqu’au',
  expiresHint: 'Facultatif : le dernier jour de validité de la clé (UTC)',
  expiresFault: 'Saisissez un jour qui n’est pas passé.',
  expired: 'expirée',
  never: 'jamais',
  lastUsed: 'Dernière utilisation',
  created: 'Créée',
  actions: 'Actions',
  create: {
    open: 'Créer une clé',
    submit: 'Créer',
    done: 'Clé créée.',
  },
  secret: {
    label: 'Clé',
    onlyNow: name => `Copiez la clé « ${name} » maintenant : vous ne la verrez qu’une fois.`,
    copied: 'Clé copiée.',
    selected: 'Impossible de copier la clé. Elle est sélectionnée, vous pouvez la copier vous-même.',
  },
  replace: {
    action: 'Remplacer',
    heading: name => `Remplacer la clé « ${name} » ?`,
    what: 'Vous ne verrez la nouvelle clé qu’une fois. Le nom et les droits restent les mêmes.',
    overlap: 'L’ancienne clé reste valable',
    hours: hours =>
      hours === 0 ? 'pas plus longtemps' : `encore ${counted(hours, { one: 'heure', other: 'heures' })}`,
    formerEnds: time => `Ancienne clé valable jusqu’au ${time}`,
    done: 'Clé remplacée.',
  },
  revoke: {
    action: 'Révoquer',
    heading: name => `Révoquer la clé « ${name} » ?`,
    what: 'Les utilisateurs de cette clé seront déconnectés aussitôt. C’est irréversible.',
    done: 'Clé révoquée.',
  },
  refusals: {
    SERVICE_KEY_NOT_FOUND: () => 'Cette clé n’existe pas. Elle a peut-être été révoquée.',
    LAST_ADMIN_KEY: () =>
      'C’est la dernière clé qui permet à l’administration de se connecter. Créez-en d’abord une autre, ou remplacez celle-ci.',
  },
})
