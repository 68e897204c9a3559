import { Arg, Ctx, Extensions, Field, ID, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import { labelCharacters, maxShareDays, reportDays } from '../domain/limits'
import type { ListedReport } from '../domain/report'
import { reportPath, reportsInTotal } from '../domain/report'
import { monthsSchema } from '../domain/totals'
import { publicPath } from '../http/base-path'
import type { Context } from './context'
import { linkField, publicField } from './links'
import { snakeMembers } from './names'
import { price } from './price'
import { Amounts, currenciesAtMost, groupsWeight, Month, shownMonth } from './totals'
import { DateTime } from './types'

@ObjectType({ simpleResolvers: true, description: 'A report that was shared, without its content.' })
class Report {
  @Field(() => ID)
  @Extensions({ member: 'report_id' })
  id!: string
  @Field(() => String) title!: string
  @Field(() => ID, { nullable: true }) organisationId!: string | null
  @Field(() => ID, { nullable: true }) mentorId!: string | null
  @Field(() => String, { description: 'First month, such as 2026-04.' }) from!: string
  @Field(() => String, { description: 'Last month.' }) to!: string
  @Field(() => DateTime) createdAt!: string
  @Field(() => DateTime) expiresAt!: string
  @Field(() => Int, { description: 'Number of times that it was read by its token.' }) views!: number
}

@ObjectType({
  simpleResolvers: true,
  description:
    'The totals of a range of months, as of the creation of the report. They never change. A report names no mentor, session or result.',
})
class SharedReport {
  @Field(() => String) title!: string
  @Field(() => ID, { nullable: true, description: 'Null unless the report is about one organisation.' })
  organisationId!: string | null
  @Field(() => String, { description: 'First month, such as 2026-04.' }) from!: string
  @Field(() => String, { description: 'Last month.' }) to!: string
  @Field(() => Int, { description: 'Number of sessions whose current result is of these months.' }) sessions!: number
  @Field(() => Int) results!: number
  @Field(() => Int, { description: 'Number of mentors with a result in these months.' }) mentors!: number
  @Field(() => [Amounts])
  @Extensions(price({ size: currenciesAtMost, part: true }))
  amounts!: Amounts[]
  @Field(() => [Month], { description: 'Oldest month first.' })
  @Extensions(price({ size: monthsSchema.maxValue ?? 0, part: true }))
  trend!: Month[]
  @Field(() => String) method!: string
  @Field(() => String) caveat!: string
  @Field(() => DateTime) createdAt!: string
  @Field(() => DateTime) expiresAt!: string
}

@ObjectType({ simpleResolvers: true })
class ShareReportPayload {
  @Field(() => Report) report!: Report
  @Field(() => String, { description: 'Path of the read-only page, relative to the server: /reports/<token>.' })
  path!: string
  @Field(() => ID, { description: 'Token of the report. It is shown only here.' }) token!: string
}

@ObjectType({ simpleResolvers: true })
class RevokeReportPayload {
  @Field(() => ID) reportId!: string
  @Field(() => Boolean) revoked!: boolean
}

@InputType({ description: 'Selects what a report is about. Without organisation and mentor: all sessions in scope.' })
class ShareReportInput {
  @Field(() => String, { description: `1 to ${labelCharacters} characters.` }) title!: string
  @Field(() => ID, { nullable: true }) organisationId?: string
  @Field(() => ID, { nullable: true, description: 'The report does not name the mentor.' }) mentorId?: string
  @Field(() => String, { description: 'First month, such as 2026-04.' }) from!: string
  @Field(() => String, { description: 'Last month. There are at most 120 months.' }) to!: string
  @Field(() => Int, {
    nullable: true,
    description: `Days until the report expires, 1 to ${maxShareDays}. Default: ${reportDays}.`,
  })
  expiresInDays?: number
}

const access = 'For admins and coordinators.'

@Resolver()
export class ReportsResolver {
  @Query(() => [Report], { description: `Returns the reports that have not ended, newest first. ${access}` })
  @Extensions(price({ size: reportsInTotal }))
  reports(@Ctx() { reports }: Context): Promise<ListedReport[]> {
    return reports.list()
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
  async shareReport(@Arg('input', () => ShareReportInput) input: ShareReportInput, @Ctx() { reports }: Context) {
    const { report, token } = await reports.share(snakeMembers(input))
    return { report, path: publicPath(reportPath(token)), token }
  }

  @Mutation(() => RevokeReportPayload, {
    description: `Revokes a report, and deletes its content. ${access} Errors: SHARE_NOT_FOUND, SHARE_GONE, …`,
  })
  async revokeReport(@Arg('id', () => ID) id: string, @Ctx() { reports }: Context) {
    await reports.revoke(id)
    return { report_id: id, revoked: true }
  }
}
