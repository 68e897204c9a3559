import {
  Arg,
  createUnionType,
  Field,
  ID,
  InputType,
  Int,
  ObjectType,
  Resolver,
  Root,
  registerEnumType,
  Subscription,
} from 'type-graphql'
import { valid } from '../domain/errors'
import { feedFilterSchema, sequenceSchema } from '../domain/list-query'
import type * as feed from '../feed/ring'
import type { Context } from './context'
import { snakeMembers, unlessEmpty } from './names'
import { withSession } from './session'
import { enumOf, Transition, TransitionEvent } from './types'

const FeedGapReason = enumOf(['expired', 'unknown'])

registerEnumType(FeedGapReason, {
  name: 'FeedGapReason',
  description: 'Why the transitions after a cursor are gone.',
  valuesConfig: {
    EXPIRED: { description: 'The cursor is older than the stored history.' },
    UNKNOWN: { description: 'This store did not issue the cursor.' },
  },
})

@ObjectType({
  simpleResolvers: true,
  description: 'The subscription is live: every transition committed after this cursor follows.',
})
class FeedReady {
  @Field(() => String) cursor!: string
}

@ObjectType({ simpleResolvers: true })
class FeedTransition {
  @Field(() => String, { description: 'Pass it as `after` to resume after this transition.' }) cursor!: string
  @Field(() => Transition) transition!: Transition
}

@ObjectType({
  simpleResolvers: true,
  description:
    'The feed no longer has the transitions between `after` and the next FeedReady. Read the sessions again.',
})
class FeedGap {
  @Field(() => String) after!: string
  @Field(() => FeedGapReason) reason!: string
}

const messageTypes = { ready: 'FeedReady', transition: 'FeedTransition', gap: 'FeedGap' } as const

export const messageType = ({ kind }: feed.FeedMessage): string => messageTypes[kind]

const FeedMessage = createUnionType({
  name: 'FeedMessage',
  types: () => [FeedReady, FeedTransition, FeedGap] as const,
  resolveType: message => messageType(message as unknown as feed.FeedMessage),
})

@InputType({ description: 'Selects transitions. All its members must hold.' })
class FeedFilter {
  @Field(() => ID, { nullable: true }) mentorId?: string
  @Field(() => ID, { nullable: true }) organisationId?: string
  @Field(() => Boolean, { nullable: true, description: 'Only sessions without an organisation.' })
  withoutOrganisation?: boolean
  @Field(() => [TransitionEvent], {
    nullable: true,
    description: 'Only transitions of these events. The cursor moves past all others.',
  })
  events?: string[]
}

const filterOf = (filter: object | null | undefined): feed.FeedFilter =>
  valid(feedFilterSchema, snakeMembers(filter ?? {}), ['filter'])

@Resolver()
export class FeedResolver {
  @Subscription(() => Transition, {
    description: `Follows the transitions of one session, each once and in order: first the stored ones with a sequence greater than
\`after\`, then the live ones. Without \`after\`, only live ones. Completes after SESSION_CLOSED.`,
    async subscribe({ args, context }) {
      const { reads, feed, resume, connection } = context as Context
      const given = resume === undefined ? args.after : Number(resume)
      const after = valid(sequenceSchema.nullish(), given, ['after']) ?? undefined
      const session = await reads.getFrom(args.sessionId, after)
      return feed.transitions(session, after ?? session.version, connection)
    },
  })
  sessionTransitions(
    @Root() { commit, transition }: feed.FeedTransition,
    @Arg('sessionId', () => ID) _sessionId?: string,
    @Arg('after', () => Int, { nullable: true }) _after?: number,
  ) {
    return withSession(commit, transition)
  }

  @Subscription(() => FeedMessage, {
    description: `Follows the transitions of all sessions that match the filter, each once and in commit order. The first message is
FeedReady: from then on, nothing is missed. If the feed cannot resume after \`after\`, FeedGap comes before it.`,
    subscribe({ args, context }) {
      const { feed, resume, connection } = context as Context
      const after = unlessEmpty(resume === undefined ? args.after : String(resume))
      return feed.subscribe(after, filterOf(args.filter), connection)
    },
  })
  feed(
    @Root() message: feed.FeedMessage,
    @Arg('after', () => String, { nullable: true }) _after?: string,
    @Arg('filter', () => FeedFilter, { nullable: true }) _filter?: FeedFilter,
  ) {
    if (message.kind !== 'transition') return message
    const { kind, cursor, commit, transition } = message
    return { kind, cursor, transition: withSession(commit, transition) }
  }
}
