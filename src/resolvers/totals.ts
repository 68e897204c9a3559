import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Extensions,
  Field,
  Float,
  ID,
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
import { sessionsLimitDefault, sessionsLimitSchema } from '../domain/command'
import { summaryMinutes } from '../domain/contribution'
import { valid } from '../domain/errors'
import { restingStates } from '../domain/session'
import * as domain from '../domain/totals'
import { feedCursorOf } from '../feed/ring'
import { price } from '../graphql-server/cost'
import type { GroupPage, GroupsRequest } from '../totals/groups'
import type * as totals from '../totals/summaries'
import type { Context } from './context'
import { snakeMembers, unlessEmpty } from './names'
import { filterOf } from './session'
import { DateScalar, DateTime, enumOf, PageInfo, SessionFilter, SessionState } from './types'

/** Assumed length of a list with one entry per currency. One organisation uses few currencies. */
const currenciesExpected = 10

/** Cost of reading sums from the totals. It takes as long as listing 50 sessions. */
const sumsWeight = 50
/**
 * Cost of a page of groups. The server looks at every group, however small the page. This takes up to 70 ms for 50,000
 * mentors.
 */
const groupsWeight = 1_000

const GroupField = enumOf(domain.groupFields)

registerEnumType(GroupField, { name: 'GroupField' })

@ObjectType({ simpleResolvers: true })
class StateCount {
  @Field(() => SessionState) state!: string
  @Field(() => Int) count!: number
}

@ObjectType({ simpleResolvers: true })
class MinuteCount {
  @Field(() => DateTime, { description: 'When the minute begins.' }) minute!: string
  @Field(() => Int) count!: number
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Sums of current results whose inputs state one currency. Exact, in that currency; the ratio is of the sums.',
})
class Amounts {
  @Field(() => String, { nullable: true, description: 'ISO 4217; null where the inputs state none.' })
  currency!: string | null
  @Field(() => Int) results!: number
  @Field(() => Float, { description: 'Mentoring sessions held, and their hours.' }) sessionsHeld!: number
  @Field(() => Float) totalHours!: number
  @Field(() => Float) programmeCost!: number
  @Field(() => Float) timeValue!: number
  @Field(() => Float) netBenefit!: number
  @Field(() => Float, { nullable: true, description: 'Null where they cost nothing.' })
  benefitCostRatio!: number | null
}

@ObjectType({ simpleResolvers: true })
class Summary {
  @Field(() => Int) sessions!: number
  @Field(() => [StateCount], { description: 'Each state at rest, those without sessions too.' })
  @Extensions(price({ size: restingStates.length, part: true }))
  states!: StateCount[]
  @Field(() => Int, { description: 'Sessions that have a current result.' }) results!: number
  @Field(() => [Amounts], {
    description:
      'What the current results come to, an entry a currency, those of most results first; never summed over currencies.',
  })
  @Extensions(price({ size: currenciesExpected, part: true }))
  amounts!: Amounts[]
  @Field(() => [MinuteCount], {
    description: `Calculations in each of the last ${summaryMinutes} minutes, the oldest first and the running one last.`,
  })
  @Extensions(price({ size: summaryMinutes, part: true }))
  calculations!: MinuteCount[]
}

@ObjectType({
  simpleResolvers: true,
  description: 'Of the results whose period ends in this month, or that were computed in it where no period is stated.',
})
class Month {
  @Field(() => DateScalar, { description: 'Its first day.' }) month!: string
  @Field(() => Int) results!: number
  @Field(() => [Amounts])
  @Extensions(price({ size: currenciesExpected, part: true }))
  amounts!: Amounts[]
}

@ObjectType({ simpleResolvers: true })
class Group {
  @Field(() => ID, { nullable: true, description: 'The mentor or the organisation.' }) id!: string | null
  @Field(() => Int) sessions!: number
  @Field(() => Int) results!: number
  @Field(() => [Amounts])
  @Extensions(price({ size: currenciesExpected, part: true }))
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

@ObjectType({ simpleResolvers: true, description: 'The summary as of this cursor of the feed.' })
class SummaryAt {
  @Field(() => String) cursor!: string
  @Field(() => Summary) summary!: Summary
}

@InputType({
  description:
    'The amounts to order by are those of `currency` (null: unstated); groups without any stand last. Ties by id.',
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

/**
 * Validates the arguments of a page of groups. An empty text counts as omitted, because some clients cannot omit it.
 */
function askedOf({ search, orderBy, first, after }: GroupsArguments): GroupsRequest {
  const stated = snakeMembers({ search: unlessEmpty(search), orderBy, first, after: unlessEmpty(after) })
  const { order_by: order, ...page } = valid(groupsSchema, stated)
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

@Resolver()
export class TotalsResolver {
  @Query(() => Summary, { description: 'What the sessions under a filter come to, now.' })
  @Extensions(price({ weight: sumsWeight }))
  summary(
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ): Promise<domain.Summary> {
    return totals.summary(filterOf(filter))
  }

  @Query(() => [Month], {
    description:
      'The same month by month, the oldest first, the running month last; months without a result are there with no amounts.',
  })
  @Extensions(price({ size: 'asked', most: domain.monthsSchema.maxValue, weight: sumsWeight }))
  trend(
    @Arg('last', () => Int, { defaultValue: domain.monthsDefault, nullable: true }) last: number | null,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ): Promise<domain.Month[]> {
    const months = valid(domain.monthsSchema, last ?? domain.monthsDefault, ['last'])
    return totals.trend(filterOf(filter), months)
  }

  @Query(() => GroupConnection, {
    description:
      'Mentors that have sessions under the filter, with what these come to. `search` is the beginning of a name.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: groupsWeight }))
  async mentors(
    @Args(() => GroupsArguments) stated: GroupsArguments,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Ctx() { totals }: Context,
  ) {
    const asked = askedOf(stated)
    return connectionOf(await totals.mentors(filterOf(filter), asked), asked)
  }

  @Query(() => GroupConnection, {
    description: 'The same by organisation; sessions of no organisation are one group whose id is null.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: groupsWeight }))
  async organisations(@Args(() => GroupsArguments) stated: GroupsArguments, @Ctx() { totals }: Context) {
    const asked = askedOf(stated)
    return connectionOf(await totals.organisations(asked), asked)
  }

  @Subscription(() => SummaryAt, {
    name: 'summary',
    description: `What the sessions under a filter come to: at once, and again when it has changed, at most 4 times a second, always the
newest. A reader that is slow gets fewer, never an old one after a newer.`,
    subscribe({ args, context }) {
      return (context as Context).totals.summaries(filterOf(args.filter))
    },
  })
  @Extensions(price({ weight: sumsWeight }))
  summaries(
    @Root() { position, summary }: totals.SummaryAt,
    @Ctx() { totals }: Context,
    @Arg('filter', () => SessionFilter, { nullable: true }) _filter?: SessionFilter | null,
  ) {
    return { cursor: feedCursorOf(totals.identity, { position, skip: 0 }), summary }
  }
}
