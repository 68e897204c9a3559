import { type GraphQLResolveInfo, Kind } from 'graphql'
import {
  Arg,
  Args,
  Ctx,
  Extensions,
  FieldResolver,
  ID,
  Info,
  Int,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql'
import { z } from 'zod'
import { summaryMinutes } from '../../domain/contribution'
import { valid } from '../../domain/errors'
import { currencies } from '../../domain/limits'
import { sessionsLimitDefault, sessionsLimitSchema } from '../../domain/list-query'
import { restingStates } from '../../domain/session'
import { connectionType, pageInfoOf } from '../../resolvers/connections'
import type { Context } from '../../resolvers/context'
import { argsType, enumType, type InputValue, inputType, objectType } from '../../resolvers/derive'
import { snakeMembers, unlessEmpty } from '../../resolvers/names'
import { price } from '../../resolvers/price'
import { DateScalar } from '../../resolvers/scalars'
import { validFilter } from '../../resolvers/session'
import { SessionFilter } from '../../resolvers/types'
import type { GroupPage, GroupsRequest } from './groups'
import * as model from './model'
import type * as totals from './summaries'

/** Maximum length of a list that has one entry per accepted currency and one entry for results without a currency. */
export const currenciesAtMost = currencies.size + 1

/** Cost, in objects, of reading sums from the totals. Reading the sums takes about as long as listing 50 sessions. */
const sumsWeight = 50
/**
 * Cost, in objects, of a page of groups. The server reads all groups even for a small page, which takes up to 70 ms for
 * 50,000 mentors.
 */
export const groupsWeight = 1_000

// Types

/** Options of a field that lists amounts, one entry per currency. */
export const amountsOfCurrencies = { size: currenciesAtMost, description: null }

const { states, calculations } = model.summarySchema.shape

objectType('StateCount', states.element, { description: 'Number of sessions in one state.' })

objectType('MinuteCount', calculations.element, {
  description: 'Number of calculations in one minute.',
  members: { minute: 'Start of the minute.' },
})

objectType('Amounts', model.amountsSchema, {
  description: 'Exact sums of the current results in one currency. The benefit-cost ratio is computed from these sums.',
  members: {
    currency: 'ISO 4217 code. Null for results without a currency.',
    total_hours: null,
    net_benefit: null,
    benefit_cost_ratio: 'Null if the programme cost is 0.',
  },
})

const Summary = objectType('Summary', model.summarySchema, {
  description: 'Session counts, and sums of the current results, for the sessions that a filter selects.',
  members: {
    states: { size: restingStates.length },
    amounts: { size: currenciesAtMost },
    calculations: { size: summaryMinutes },
  },
})

const Month = objectType('Month', model.monthTotalsSchema, {
  description:
    "Totals of one month's results. A result belongs to the month in which its period ends or, without a period, in which it was computed.",
  members: {
    month: {
      type: DateScalar,
      description: 'First day of the month, such as 2026-04-01. In REST, it is 2026-04. Filters accept both forms.',
    },
    amounts: amountsOfCurrencies,
  },
})

const Group = objectType('Group', model.groupSchema, {
  description: "Totals of one mentor's or organisation's sessions.",
  members: {
    id: {
      deprecationReason:
        'Use `key`. A cache of objects by id would replace the totals of one filter with those of another.',
    },
    results: null,
    amounts: amountsOfCurrencies,
  },
})
const groupEdge = z.object({ cursor: z.string(), node: model.groupSchema })
objectType('GroupEdge', groupEdge)
const GroupConnection = connectionType('GroupConnection', groupEdge, ['nodes', 'edges', 'page_info', 'total_count'])

const SummaryAt = objectType('SummaryAt', z.object({ cursor: z.string(), summary: model.summarySchema }), {
  description: 'A summary, and the feed cursor up to which it includes all changes.',
})

// Inputs

enumType('GroupField', model.groupOrderSchema.shape.by.unwrap(), {
  description: 'Field by which a list of mentors or organisations is sorted.',
})
inputType('GroupOrder', model.groupOrderSchema, {
  description:
    'Sort order of groups. An order by amount compares only amounts in `currency` or, if it is null, amounts without a currency. Groups without these amounts come last. Ties are ordered by id.',
})

const groupsSchema = z.object({
  search: model.searchSchema.optional(),
  order_by: model.groupOrderSchema.prefault({}),
  first: sessionsLimitSchema.default(sessionsLimitDefault),
  after: z.string().optional(),
})
type GroupsArguments = InputValue<typeof groupsSchema>
const GroupsArguments = argsType(groupsSchema, { members: { first: { nullable: true } } })

/**
 * Validates the arguments for a page of groups. An empty string counts as omitted, because some clients can't omit an
 * argument.
 */
function groupsRequest({ search, orderBy, first, after }: GroupsArguments): GroupsRequest {
  const members = snakeMembers({ search: unlessEmpty(search), orderBy, first, after: unlessEmpty(after) })
  const { order_by: order, ...page } = valid(groupsSchema, members)
  return { ...page, order }
}

const connectionOf = ({ edges, total, hasNext }: GroupPage, { after }: GroupsRequest) => ({
  edges,
  nodes: edges.map(({ node }) => node),
  page_info: pageInfoOf(index => edges.at(index)?.cursor, hasNext, after),
  total_count: total,
})

/** Whether a GraphQL operation passes a non-null value for an argument. Ignores the argument's default value. */
function isGiven({ fieldNodes, variableValues }: GraphQLResolveInfo, name: string): boolean {
  const value = fieldNodes[0]?.arguments?.find(argument => argument.name.value === name)?.value
  if (value?.kind === Kind.VARIABLE) return variableValues[value.name.value] != null
  return value !== undefined && value.kind !== Kind.NULL
}

/** Converts a month's totals to GraphQL, which represents a month by its first day. */
export const shownMonth = ({ month, ...sums }: model.MonthTotals) => ({ month: `${month}-01`, ...sums })

const { description: groupKey = '' } = model.groupSchema.shape.id

@Resolver(() => Group)
export class GroupResolver {
  @FieldResolver(() => ID, { nullable: true, description: groupKey })
  key(@Root() { id }: model.Group): string | null {
    return id
  }
}

@Resolver()
export class TotalsResolver {
  @Query(() => Summary, { description: 'Returns the current totals of the sessions that match the filter.' })
  @Extensions(price({ weight: sumsWeight }))
  summary(
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ): Promise<model.Summary> {
    return totals.summary(validFilter(filter))
  }

  @Query(() => [Month], {
    description:
      'Returns the totals by month, oldest first. By default, the last month is the current one. A month without results has no amounts.',
  })
  @Extensions(
    price({ size: 'limit', most: model.monthsSchema.maxValue, mostWith: 'filter.months', weight: sumsWeight }),
  )
  async trend(
    @Arg('last', () => Int, {
      defaultValue: model.monthsDefault,
      nullable: true,
      description: 'Number of months, up to and including the current one. Later months are omitted.',
    })
    last: number | null,
    @Arg('filter', () => SessionFilter, {
      nullable: true,
      description:
        'With `months`, the trend has exactly these months, at most 120, and you must omit `last`. If `from` is missing, the trend begins with the first month that has a result. If `to` is missing, it ends with the current month, or with the last month that has a result if that is later.',
    })
    filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const selected = validFilter(filter)
    const count = valid(model.monthsSchema, last ?? model.monthsDefault, ['last'])
    const trend = await totals.trend(selected, selected.months && !isGiven(info, 'last') ? undefined : count)
    return trend.map(shownMonth)
  }

  @Query(() => GroupConnection, {
    description:
      'Lists the mentors with sessions that match the filter, with the totals of each mentor. `search` is a case-insensitive prefix of their ids.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: groupsWeight }))
  async mentors(
    @Args(() => GroupsArguments) args: GroupsArguments,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ) {
    const request = groupsRequest(args)
    return connectionOf(await totals.mentors(validFilter(filter), request), request)
  }

  @Query(() => GroupConnection, {
    description:
      'Lists the organisations with sessions that match the filter, with the totals of each organisation. Sessions without an organisation form one group, whose id is null.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: groupsWeight }))
  async organisations(
    @Args(() => GroupsArguments) args: GroupsArguments,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ) {
    const request = groupsRequest(args)
    return connectionOf(await totals.organisations(validFilter(filter), request), request)
  }

  @Subscription(() => SummaryAt, {
    name: 'summary',
    description: `Follows the totals of the sessions that match the filter. Sends the current totals at once, and the new totals after each change, at most 4 times a
second. A slow client gets fewer messages, always with the newest totals.`,
    subscribe({ args, context }) {
      return (context as Context).totals.summaries(validFilter(args.filter))
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
