import type { shareReportEn } from './en'

export const shareReportDe: typeof shareReportEn = ({ counted }) => ({
  open: 'Bericht teilen',
  what: 'Mit dem Link sehen alle Ihren Titel, die Organisation, die Summen und die Zahlen nach Monat. Mentorinnen und Mentoren werden nicht genannt, einzelne Berechnungen nicht gezeigt. Die Zahlen bleiben so, wie sie jetzt sind.',
  months: range => `Der Bericht umfasst diese Monate: ${range}.`,
  lastMonths: range =>
    `Es sind keine Monate gewählt. Der Bericht umfasst daher die letzten 12: ${range}. Seine Summen gelten nur für diese Monate.`,
  wholeProgramme: 'Das ganze Programm',
  title: 'Titel',
  titleHint: 'Alle mit dem Link können ihn lesen',
  oneMentor: 'Eine Mentorin oder ein Mentor',
  expires: 'Der Link gilt',
  days: count => (count === 365 ? '1 Jahr' : counted(count, { one: 'Tag', other: 'Tage' })),
  submit: 'Teilen',
  done: 'Bericht geteilt.',
  link: 'Link zum geteilten Bericht',
  visibleUntil: until => `Mit diesem Link können alle den Bericht bis ${until} sehen.`,
  noStatus: 'Ein nach Status gefilterter Bericht kann nicht geteilt werden. Entfernen Sie diesen Filter in der Liste.',
  noOrganisation:
    'Ein Bericht über Berechnungen ohne Organisation kann nicht geteilt werden. Entfernen Sie diesen Filter in der Liste oder wählen Sie eine Organisation.',
  shared: {
    kind: 'Bericht',
    linkUnknown:
      'Eine frühere Version hat diesen Bericht erstellt, und sein Link ist nicht gespeichert. Wenn Sie ihn verloren haben, widerrufen Sie ihn hier und teilen Sie einen neuen Bericht.',
    revoke: name => [
      'Der Link zum Bericht ',
      name,
      ' funktioniert dann für niemanden mehr. Das lässt sich nicht rückgängig machen, aber Sie können einen neuen Bericht teilen.',
    ],
  },
})
