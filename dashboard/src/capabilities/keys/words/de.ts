import type { keysEn } from './en'

export const keysDe: typeof keysEn = ({ counted }) => ({
  heading: 'Dienstschlüssel',
  what: 'Mit diesen Schlüsseln melden sich Programme und Personen an.',
  nothing: 'Noch keine Dienstschlüssel.',
  name: 'Bezeichnung',
  nameHint: 'Urheber der Änderungen, die mit dem Schlüssel gemacht werden',
  role: 'Rolle',
  roles: {
    READER: 'Lesen',
    MENTOR: 'Mentor/-in',
    COORDINATOR: 'Koordination',
    ADMIN: 'Verwaltung',
  },
  rights: {
    READER: 'Sieht die Berechnungen einer Organisation und ändert nichts',
    MENTOR: 'Sieht und ändert die Berechnungen eines Mentors',
    COORDINATOR: 'Sieht und ändert die Berechnungen einer Organisation',
    ADMIN: 'Sieht und ändert alles, auch die Dienstschlüssel',
  },
  organisationHint: 'Nur Berechnungen dieser Organisation',
  mentorHint: 'Nur Berechnungen dieses Mentors',
  expires: 'Gültig bis',
  expiresHint: 'Optional: der letzte Tag, an dem der Schlüssel gilt (UTC)',
  expiresFault: 'Geben Sie einen Tag ein, der nicht in der Vergangenheit liegt.',
  expired: 'abgelaufen',
  never: 'nie',
  lastUsed: 'Zuletzt verwendet',
  created: 'Angelegt',
  actions: 'Aktionen',
  create: {
    open: 'Schlüssel anlegen',
    submit: 'Anlegen',
    done: 'Schlüssel angelegt.',
  },
  secret: {
    label: 'Schlüssel',
    onlyNow: name => `Kopieren Sie den Schlüssel „${name}“ jetzt: Sie sehen ihn nur einmal.`,
    copied: 'Schlüssel kopiert.',
    selected: 'Der Schlüssel ließ sich nicht kopieren. Er ist markiert, sodass Sie ihn selbst kopieren können.',
  },
  replace: {
    action: 'Ersetzen',
    heading: name => `Den Schlüssel „${name}“ ersetzen?`,
    what: 'Sie sehen den neuen Schlüssel nur einmal. Bezeichnung und Rechte bleiben gleich.',
    overlap: 'Der bisherige Schlüssel gilt',
    hours: hours => (hours === 0 ? 'sofort nicht mehr' : `noch ${counted(hours, { one: 'Stunde', other: 'Stunden' })}`),
    formerEnds: time => `Bisheriger Schlüssel gültig bis ${time}`,
    done: 'Schlüssel ersetzt.',
  },
  revoke: {
    action: 'Sperren',
    heading: name => `Den Schlüssel „${name}“ sperren?`,
    what: 'Wer diesen Schlüssel verwendet, wird sofort abgemeldet. Das lässt sich nicht rückgängig machen.',
    done: 'Schlüssel gesperrt.',
  },
  refusals: {
    SERVICE_KEY_NOT_FOUND: () => 'Diesen Schlüssel gibt es nicht. Vielleicht wurde er gesperrt.',
    LAST_ADMIN_KEY: () =>
      'Das ist der letzte Schlüssel, mit dem sich die Verwaltung anmelden kann. Legen Sie zuerst einen weiteren an, oder ersetzen Sie diesen.',
  },
})
