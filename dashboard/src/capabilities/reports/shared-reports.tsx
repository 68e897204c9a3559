import type { SharedItem } from '../../capability'
import { formatMonths } from '../../format'
import { MentorAndOrganisation } from '../../views/list/row'
import { type ListedReport, readReports, revokeReport } from './reports'
import { shareReportWords } from './words'

const texts = shareReportWords.shared

export const readSharedReports = async (): Promise<SharedItem[]> =>
  (await readReports()).map(report => ({
    id: report.id,
    kind: texts.kind,
    name: report.title,
    subject: <Subject report={report} />,
    expiresAt: report.expiresAt,
    views: report.views,
    link: report.path === null ? { hidden: texts.linkUnknown } : { path: report.path },
    revoking: texts.revoke,
    revoke: () => revokeReport(report.id),
  }))

const Subject = ({ report: { mentorId, organisationId, from, to } }: { report: ListedReport }) => (
  <>
    {mentorId !== null ? (
      <MentorAndOrganisation mentor={mentorId} organisation={organisationId} />
    ) : organisationId !== null ? (
      <bdi>{organisationId}</bdi>
    ) : (
      shareReportWords.wholeProgramme
    )}{' '}
    · {formatMonths(`${from}-01`, `${to}-01`)}
  </>
)
