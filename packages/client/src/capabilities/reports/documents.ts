import { withFragments } from '../../fragments.js'

const report = `fragment Report on Report {
  id title organisationId mentorId from to createdAt expiresAt path token views }`

export const reportsQuery = `query Reports { reports { ...Report } } ${report}`

export const sharedReportQuery =
  /* @__PURE__ */ withFragments(`query SharedReport($token: ID!) { sharedReport(token: $token) { ...SharedReport } }
fragment SharedReport on SharedReport { title organisationId from to sessions results mentors amounts { ...Amounts }
  trend { ...Month } previous { from to sessions results mentors amounts { ...Amounts } }
  toDate { from to sessions results mentors amounts { ...Amounts }
    previous { from to sessions results mentors amounts { ...Amounts } } } method caveat createdAt expiresAt }`)

export const shareReportMutation = `mutation ShareReport($input: ShareReportInput!) { shareReport(input: $input) {
  report { ...Report } path token } } ${report}`

export const revokeReportMutation = 'mutation RevokeReport($id: ID!) { revokeReport(id: $id) { revoked } }'
