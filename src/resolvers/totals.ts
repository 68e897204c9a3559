import { type GraphQLResolveInfo, Kind } from 'graphql'
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Extensions,
  Field,
  Float,
  ID,
  Info,
  InputType,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
  Subscription,
} from 'type-graphql'
import { z } from 'zod'
import { summaryMinutes } from '../domain/contribution'
import { valid } from '../domain/errors'
import { currencies } from '../domain/limits'
import {
  findLimitDefault,
  findLimitSchema,
  findTextSchema,
  sessionsLimitDefault,
  sessionsLimitSchema,
} from '../domain/list-query'
import { restingStates } from '../domain/session'
import * as domain from '../domain/totals'
import type { Found } from '../totals/find'
import type { GroupPage, GroupsRequest } from '../totals/groups'
import type * as totals from '../totals/summaries'
import type { Context } from './context'
import { snakeMembers, unlessEmpty } from './names'
import { price } from './price'
import { filterOf } from './session'
import { DateScalar, DateTime, enumOf, PageInfo, Session, SessionFilter, SessionState } from './types'

/** Maximum length of a list with one entry per currency: each accepted currency, and null. */
export const currenciesAtMost = currencies.size + 1

/** Cost of reading sums from the totals. It takes as long as listing 50 sessions. */
const sumsWeight = 50
/**
 * Cost of a page of groups. The server looks at every group, however small the page. This takes up to 70 ms for 50,000
 * mentors.
 */
export const groupsWeight = 1_000

const GroupField = enumOf(domain.groupFields)

registerEnumType(GroupField, { name: 'GroupField', description: 'What mentors and organisations are ordered by.' })

@ObjectType({ simpleResolvers: true, description: 'Number of sessions in one state.' })
class StateCount {
  @Field(() => SessionState) state!: string
  @Field(() => Int) count!: number
}

@ObjectType({ simpleResolvers: true, description: 'Number of calculations in one minute.' })
class MinuteCount {
  @Field(() => DateTime, { description: 'Start of the minute.' }) minute!: string
  @Field(() => Int) count!: number
}

@ObjectType({
  simpleResolvers: true,
  description: 'Exact sums of the current results in one currency. The ratio is computed from the sums.',
})
export class Amounts {
  @Field(() => String, { nullable: true, description: 'ISO 4217 code. Null for results without a currency.' })
  currency!: string | null
  @Field(() => Int) results!: number
  @Field(() => Float, { description: 'Number of mentoring sessions held.' }) sessionsHeld!: number
  @Field(() => Float) totalHours!: number
  @Field(() => Float) programmeCost!: number
  @Field(() => Float) timeValue!: number
  @Field(() => Float) netBenefit!: number
  @Field(() => Float, { nullable: true, description: 'Null if the programme cost is 0.' })
  benefitCostRatio!: number | null
}

@ObjectType({ simpleResolvers: true, description: 'Counts and sums of the sessions under a filter.' })
class Summary {
  @Field(() => Int) sessions!: number
  @Field(() => [StateCount], { description: 'Number of sessions by state, including states without sessions.' })
  @Extensions(price({ size: restingStates.length, part: true }))
  states!: StateCount[]
  @Field(() => Int, { description: 'Number of sessions with a current result.' }) results!: number
  @Field(() => [Amounts], {
    description: 'Sums of the current results, one entry per currency. The currency with most results comes first.',
  })
  @Extensions(price({ size: currenciesAtMost, part: true }))
  amounts!: Amounts[]
  @Field(() => [MinuteCount], {
    description: `Calculations in each of the last ${summaryMinutes} minutes, oldest first. The current minute comes last.`,
  })
  @Extensions(price({ size: summaryMinutes, part: true }))
  calculations!: MinuteCount[]
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Totals of the results of one month. A result belongs to the month in which its period ends or, without a period, in which it was computed.',
})
export class Month {
  @Field(() => DateScalar, { description: 'First day of the month.' }) month!: string
  @Field(() => Int) results!: number
  @Field(() => [Amounts])
  @Extensions(price({ size: currenciesAtMost, part: true }))
  amounts!: Amounts[]
}

@ObjectType({ simpleResolvers: true, description: 'Totals of the sessions of one mentor or organisation.' })
class Group {
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the mentor or organisation. Null for sessions without an organisation.',
  })
  id!: string | null
  @Field(() => Int) sessions!: number
  @Field(() => Int) results!: number
  @Field(() => [Amounts])
  @Extensions(price({ size: currenciesAtMost, part: true }))
  amounts!: Amounts[]
}

@ObjectType({ simpleResolvers: true })
class GroupEdge {
  @Field(() => String) cursor!: string
  @Field(() => Group) node!: Group
}

@ObjectType({ simpleResolvers: true })
class GroupConnection {
  @Field(() => [Group])
  @Extensions(price({ size: 'page' }))
  nodes!: Group[]
  @Field(() => [GroupEdge])
  @Extensions(price({ size: 'page' }))
  edges!: GroupEdge[]
  @Field(() => PageInfo) pageInfo!: PageInfo
  @Field(() => Int) totalCount!: number
}

@ObjectType({ simpleResolvers: true, description: 'What contains a text.' })
class FindResult {
  @Field(() => [Group], { description: 'Mentors whose id contains the text. Those with most sessions come first.' })
  @Extensions(price({ size: 'page' }))
  mentors!: Group[]
  @Field(() => [Group], {
    description: 'Organisations whose id contains the text. Those with most sessions come first.',
  })
  @Extensions(price({ size: 'page' }))
  organisations!: Group[]
  @Field(() => [Session], {
    description: 'Sessions whose current result has a label that contains the text, newest first.',
  })
  @Extensions(price({ size: 'page' }))
  sessions!: Session[]
  @Field(() => Boolean, {
    description:
      'Whether everything that the filter selects was searched. If false, only the newest sessions were: while the server starts, in more than 1,000 sessions of a mentor, and beyond the memory limit of the labels.',
  })
  complete!: boolean
}

@ObjectType({ simpleResolvers: true, description: 'The summary as of this cursor of the feed.' })
class SummaryAt {
  @Field(() => String) cursor!: string
  @Field(() => Summary) summary!: Summary
}

@InputType({
  description:
    'Order of groups. Amounts are compared in `currency` only (null: results without a currency). Groups without such results come last. Ties are ordered by id.',
})
class GroupOrder {
  @Field(() => GroupField, { defaultValue: GroupField.ID }) by!: string
  @Field(() => Boolean, { defaultValue: false }) descending!: boolean
  @Field(() => String, { nullable: true }) currency?: string
}

@ArgsType()
class GroupsArguments {
  @Field(() => String, { nullable: true }) search?: string | null
  @Field(() => GroupOrder, { nullable: true }) orderBy?: GroupOrder | null
  @Field(() => Int, { nullable: true, defaultValue: sessionsLimitDefault }) first?: number | null
  @Field(() => String, { nullable: true }) after?: string | null
}

const groupsSchema = z.object({
  search: domain.searchSchema.optional(),
  order_by: domain.groupOrderSchema.prefault({}),
  first: sessionsLimitSchema.default(sessionsLimitDefault),
  after: z.string().optional(),
})

const findSchema = z.object({ text: findTextSchema, first: findLimitSchema.default(findLimitDefault) })

/**
 * Validates the arguments of a page of groups. An empty text counts as omitted, because some clients cannot omit it.
 */
function groupsRequest({ search, orderBy, first, after }: GroupsArguments): GroupsRequest {
  const members = snakeMembers({ search: unlessEmpty(search), orderBy, first, after: unlessEmpty(after) })
  const { order_by: order, ...page } = valid(groupsSchema, members)
  return { ...page, order }
}

function connectionOf({ edges, total, hasNext }: GroupPage, { after }: GroupsRequest) {
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    page_info: {
      has_next_page: hasNext,
      has_previous_page: after !== undefined,
      start_cursor: edges[0]?.cursor ?? null,
      end_cursor: edges.at(-1)?.cursor ?? null,
    },
    total_count: total,
  }
}

/** Whether the operation gives an argument another value than null. The argument's default does not count. */
function isGiven({ fieldNodes, variableValues }: GraphQLResolveInfo, name: string): boolean {
  const value = fieldNodes[0]?.arguments?.find(argument => argument.name.value === name)?.value
  if (value?.kind === Kind.VARIABLE) return variableValues[value.name.value] != null
  return value !== undefined && value.kind !== Kind.NULL
}

/** Converts the totals of a month. GraphQL's month is its first day. */
export const shownMonth = ({ month, ...sums }: domain.MonthTotals) => ({ month: `${month}-01`, ...sums })

@Resolver()
export class TotalsResolver {
  @Query(() => Summary, { description: 'Returns the current totals of the sessions that match the filter.' })
  @Extensions(price({ weight: sumsWeight }))
  summary(
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ): Promise<domain.Summary> {
    return totals.summary(filterOf(filter))
  }

  @Query(() => [Month], {
    description:
      'Returns the totals by month, oldest first. The current month comes last. A month without results has no amounts.',
  })
  @Extensions(
    price({ size: 'limit', most: domain.monthsSchema.maxValue, mostWith: 'filter.months', weight: sumsWeight }),
  )
  async trend(
    @Arg('last', () => Int, {
      defaultValue: domain.monthsDefault,
      nullable: true,
      description: 'Number of months up to the current one. Results of later months are not among them.',
    })
    last: number | null,
    @Arg('filter', () => SessionFilter, {
      nullable: true,
      description:
        'With `months`, the trend has exactly these, at most 120, and `last` is refused. A missing `from` is the first month that has a result, a missing `to` the current month or a later one that has a result.',
    })
    filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const selected = filterOf(filter)
    const count = valid(domain.monthsSchema, last ?? domain.monthsDefault, ['last'])
    const trend = await totals.trend(selected, selected.months && !isGiven(info, 'last') ? undefined : count)
    return trend.map(shownMonth)
  }

  @Query(() => GroupConnection, {
    description:
      'Lists the mentors with sessions that match the filter, and the totals of each. `search` is the beginning of an id, in any case.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: groupsWeight }))
  async mentors(
    @Args(() => GroupsArguments) args: GroupsArguments,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ) {
    const request = groupsRequest(args)
    return connectionOf(await totals.mentors(filterOf(filter), request), request)
  }

  @Query(() => GroupConnection, {
    description:
      'Lists the organisations and the totals of each. Sessions without an organisation are one group with the id null.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: groupsWeight }))
  async organisations(
    @Args(() => GroupsArguments) args: GroupsArguments,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ) {
    const request = groupsRequest(args)
    return connectionOf(await totals.organisations(filterOf(filter), request), request)
  }

  @Query(() => FindResult, {
    description:
      'Finds mentors, organisations and sessions by any part of an id or a label, without regard to case and accents.',
  })
  @Extensions(price({ most: findLimitSchema.maxValue, weight: groupsWeight }))
  async find(
    @Arg('first', () => Int, {
      defaultValue: findLimitDefault,
      nullable: true,
      description: 'Maximum number of matches of each kind, at most 50.',
    })
    first: number | null,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Arg('text', () => String, { description: '1 to 120 characters. Surrounding white space is trimmed.' })
    text: string,
    @Ctx() { totals }: Context,
  ): Promise<Found> {
    return totals.find(filterOf(filter), valid(findSchema, { text, first: first ?? undefined }))
  }

  @Subscription(() => SummaryAt, {
    name: 'summary',
    description: `Follows the totals of the sessions that match the filter. Sends them at once, then after each change, at most 4 times a
second. A slow client gets fewer messages, always with the newest totals.`,
    subscribe({ args, context }) {
      return (context as Context).totals.summaries(filterOf(args.filter))
    },
  })
  @Extensions(price({ weight: sumsWeight }))
  summaries(
    @Root() { position, summary }: totals.SummaryAt,
    @Ctx() { feed }: Context,
    @Arg('filter', () => SessionFilter, { nullable: true }) _filter?: SessionFilter | null,
  ) {
    return { cursor: feed.cursorAt(position), summary }
  }
}
