import { Arg, Ctx, Extensions, ID, Mutation, Query, Resolver } from 'type-graphql'
import { z } from 'zod'
import { labelCharacters, maxShareDays } from '../../domain/limits'
import type { Context } from '../../resolvers/context'
import { type InputValue, inputType, objectType } from '../../resolvers/derive'
import { linkField, publicField } from '../../resolvers/links'
import { snakeMembers } from '../../resolvers/names'
import { price } from '../../resolvers/price'
import { amountsOfCurrencies, groupsWeight, shownMonth } from '../totals/graphql'
import { monthsSchema } from '../totals/model'
import {
  type ListedReport,
  listedReportSchema,
  previousSchema,
  reportDays,
  reportRequestSchema,
  reportsInTotal,
  sharedReportSchema,
  toDateSchema,
} from './model'
import { withPath } from './rest'

const monthsOfReport = { from: 'First month of the range, such as 2026-04.', to: 'Last month of the range.' }

const Report = objectType('Report', listedReportSchema, {
  description: 'A shared report, without its content.',
  members: { report_id: { name: 'id' }, ...monthsOfReport, token: { type: ID } },
})

objectType('PreviousTotals', previousSchema, {
  description: 'Totals for the same months one year earlier, with the same filter.',
  members: { ...monthsOfReport, results: null, mentors: null, amounts: amountsOfCurrencies },
})

objectType('TotalsToDate', toDateSchema, {
  description: 'Totals for the months of a report that were over when it was created.',
  members: { ...monthsOfReport, results: null, mentors: null, amounts: amountsOfCurrencies },
})

const SharedReport = objectType('SharedReport', sharedReportSchema, {
  description:
    "Totals for a range of months, as of the report's creation. They never change, and they name no mentor, session or result.",
  members: {
    organisation_id: 'Id of the organisation. Null if the report is not limited to one organisation.',
    ...monthsOfReport,
    results: null,
    mentors: 'Number of mentors with a current result in these months.',
    amounts: amountsOfCurrencies,
    trend: { size: monthsSchema.maxValue ?? 0 },
    caveat: null,
  },
})

const ShareReportPayload = objectType(
  'ShareReportPayload',
  z.object({
    report: listedReportSchema,
    path: z.string().describe("Path of the report's read-only page, relative to the server: /reports/<token>."),
    token: z.string().describe('Token of the report.'),
  }),
  { members: { token: { type: ID } } },
)

const RevokeReportPayload = objectType(
  'RevokeReportPayload',
  z.object({ report_id: listedReportSchema.shape.report_id, revoked: z.boolean() }),
)

const ShareReportInput = inputType('ShareReportInput', reportRequestSchema, {
  description:
    'Selects the sessions that a report covers. If you set neither organisation nor mentor, it covers all sessions in your scope.',
  members: {
    title: `1 to ${labelCharacters} characters.`,
    organisation_id: null,
    mentor_id: 'The report does not name the mentor.',
    expires_in_days: `Days until the report expires, 1 to ${maxShareDays}. Default: ${reportDays}.`,
  },
})

const access = 'For admins and coordinators.'

@Resolver()
export class ReportsResolver {
  @Query(() => [Report], { description: `Returns the reports that have not ended, newest first. ${access}` })
  @Extensions(price({ size: reportsInTotal }))
  @Extensions(linkField)
  async reports(@Ctx() { reports }: Context): Promise<ListedReport[]> {
    return (await reports.list()).map(withPath)
  }

  @Query(() => SharedReport, {
    description: 'Returns the report with this token. Errors: SHARE_NOT_FOUND, SHARE_GONE.',
  })
  @Extensions(price({ weight: 1 }))
  @Extensions(publicField)
  async sharedReport(@Arg('token', () => ID) token: string, @Ctx() { reports }: Context) {
    const report = await reports.shared(token)
    return { ...report, trend: report.trend.map(shownMonth) }
  }

  @Mutation(() => ShareReportPayload, {
    description: `Shares a report: a snapshot of the current totals, which never changes. ${access} Errors: FORBIDDEN, VALIDATION_FAILED, LIMIT_REACHED, …`,
  })
  @Extensions(price({ weight: groupsWeight }))
  @Extensions(linkField)
  async shareReport(
    @Arg('input', () => ShareReportInput) input: InputValue<typeof reportRequestSchema>,
    @Ctx() { reports }: Context,
  ) {
    const report = withPath(await reports.share(snakeMembers(input)))
    const { path, token } = report
    return { report, path, token }
  }

  @Mutation(() => RevokeReportPayload, {
    description: `Revokes a report, and deletes its content. ${access} Errors: SHARE_NOT_FOUND, SHARE_GONE, …`,
  })
  async revokeReport(@Arg('id', () => ID) id: string, @Ctx() { reports }: Context) {
    await reports.revoke(id)
    return { report_id: id, revoked: true }
  }
}
