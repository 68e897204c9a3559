import type { shareReportEn } from './en'

export const shareReportDe: typeof shareReportEn = ({ counted }) => ({
  open: 'Bericht teilen',
  what: 'Alle, die den Link haben, sehen den Titel, die Organisation, die Summen und die Monatswerte. Mentorinnen und Mentoren werden nicht genannt, einzelne Berechnungen nicht gezeigt. Die Zahlen bleiben so, wie sie jetzt sind.',
  months: range => `Der Bericht umfasst diese Monate: ${range}.`,
  bothTotals: 'Summen auf dieser Seite und im geteilten Bericht',
  lastMonths: range =>
    `Es sind keine Monate gewählt. Der Bericht umfasst daher die letzten 12: ${range}. Seine Summen gelten nur für diese Monate.`,
  wholeProgramme: 'Das ganze Programm',
  title: 'Titel',
  titleHint: 'Alle, die den Link haben, können ihn lesen',
  oneMentor: 'Eine Mentorin oder ein Mentor',
  expires: 'Der Link gilt',
  days: count => (count === 365 ? '1 Jahr' : counted(count, { one: 'Tag', other: 'Tage' })),
  submit: 'Teilen',
  done: 'Bericht geteilt.',
  link: 'Link zum geteilten Bericht',
  visibleUntil: until => `Alle, die diesen Link haben, sehen den Bericht bis zum ${until}.`,
  noStatus: 'Ein nach Status gefilterter Bericht kann nicht geteilt werden. Entfernen Sie diesen Filter in der Liste.',
  noOrganisation:
    'Ein Bericht über Berechnungen ohne Organisation kann nicht geteilt werden. Entfernen Sie diesen Filter in der Liste, oder wählen Sie eine Organisation.',
  shared: {
    kind: 'Bericht',
    linkUnknown:
      'Dieser Bericht wurde mit einer früheren Version geteilt, die den Link nicht gespeichert hat. Wenn Sie ihn verloren haben, widerrufen Sie ihn hier, und teilen Sie einen neuen Bericht.',
    revoke: name => [
      'Der Link zum Bericht ',
      name,
      ' funktioniert dann für niemanden mehr. Das lässt sich nicht rückgängig machen, aber Sie können einen neuen Bericht teilen.',
    ],
  },
})
