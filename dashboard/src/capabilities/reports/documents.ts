export const shareReportMutation = `mutation ShareReport($input: ShareReportInput!) {
  shareReport(input: $input) { path report { expiresAt } } }`

export const reportsQuery =
  'query Reports { reports { id title organisationId mentorId from to expiresAt path views } }'

export const revokeReportMutation = 'mutation RevokeReport($id: ID!) { revokeReport(id: $id) { revoked } }'
