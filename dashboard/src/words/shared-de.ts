import type { sharedEn } from './shared-en'

export const sharedDe: typeof sharedEn = ({ number }) => ({
  heading: 'Geteilt',
  what: 'Alle, die einen dieser Links haben, können ihn öffnen. Aufrufe werden gezählt, aber keine Namen erfasst.',
  nothing:
    'Derzeit ist nichts geteilt. Um ein Ergebnis zu teilen, öffnen Sie die Berechnung, und klicken Sie auf „Ergebnis teilen“.',
  result: 'Ergebnis',
  viewed: count =>
    count === 0 ? 'Noch nicht aufgerufen' : count === 1 ? 'Einmal aufgerufen' : `${number(count)}-mal aufgerufen`,
  until: until => `Gültig bis ${until}`,
  link: of => `Link: ${of}`,
  more: 'Mehr anzeigen',
  revoke: {
    action: 'Link widerrufen',
    keep: 'Behalten',
    heading: 'Diesen Link widerrufen?',
    result: name => [
      'Der Link zu ',
      name,
      ' funktioniert dann für niemanden mehr. Sie können das Ergebnis jederzeit mit einem neuen Link teilen.',
    ],
    done: 'Der Link ist widerrufen.',
  },
  expiry: {
    label: 'Gültigkeitsdauer des Links',
    days: days => (days === 365 ? '1 Jahr' : `${number(days)} Tage`),
    change: 'Gültigkeitsdauer ändern',
    fromToday: 'Ab heute gültig für',
    same: until =>
      `Diese Gültigkeitsdauer hat der Link bereits: Er gilt weiterhin bis ${until}. Um ihn zu verlängern, wählen Sie eine andere Dauer.`,
    done: until => `Der Link gilt jetzt bis ${until}.`,
  },
})
