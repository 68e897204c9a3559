import { Arg, createUnionType, ID, Int, Resolver, Root, Subscription } from 'type-graphql'
import { z } from 'zod'
import { gapReasonSchema, valid } from '../domain/errors'
import { feedFilterSchema, sequenceSchema } from '../domain/list-query'
import { transitionSchema } from '../domain/session'
import { endsSession } from '../feed/feed-sessions'
import type * as feed from '../feed/ring'
import type { Context } from './context'
import { enumType, inputType, objectType } from './derive'
import { snakeMembers, unlessEmpty } from './names'
import { withSession } from './session'
import { ownerFilter, shownTransitionSchema, Transition } from './types'

enumType('FeedGapReason', gapReasonSchema, {
  description: 'Reason why the feed no longer has the transitions after a cursor.',
  descriptions: {
    expired: 'The cursor is older than the stored history.',
    unknown: 'This store did not issue the cursor.',
  },
})

const cursor = z.string()

const readySchema = z.object({
  cursor,
  caught_up: z
    .boolean()
    .nullable()
    .describe(
      'Whether the server has sent everything up to the cursor. If false, another FeedReady follows once it has. Null unless you set `reportCaughtUp`.',
    ),
})
const FeedReady = objectType('FeedReady', readySchema, {
  description: 'The subscription is live: every transition committed after this cursor follows.',
})

const FeedTransition = objectType(
  'FeedTransition',
  z.object({
    cursor: cursor.describe('To resume after this transition, pass this cursor as `after`.'),
    transition: shownTransitionSchema,
    left: z
      .boolean()
      .describe(
        'True if the session was given another mentor or organisation, and no longer matches your filter or scope. Remove the session from your copy. `transition.snapshot` has the former ids.',
      ),
  }),
)

const FeedGap = objectType('FeedGap', z.object({ after: cursor, reason: gapReasonSchema }), {
  description:
    'The feed no longer has the transitions between `after` and the next FeedReady. Read the sessions again.',
})

/** Returns undefined if the item is not about one session. */
export const sessionIdOf = (item: object): string | undefined =>
  'commit' in item ? (item as feed.FeedTransition).commit.session_id : undefined

export const isEnd = (item: object): boolean => 'commit' in item && endsSession(item as feed.FeedTransition)

const messageTypes = { ready: 'FeedReady', transition: 'FeedTransition', gap: 'FeedGap' } as const

export const messageType = ({ kind }: feed.FeedMessage): string => messageTypes[kind]

const FeedMessage = createUnionType({
  name: 'FeedMessage',
  types: () => [FeedReady, FeedTransition, FeedGap] as const,
  resolveType: message => messageType(message as unknown as feed.FeedMessage),
})

const filterInput = z.object({
  ...ownerFilter,
  events: z
    .array(transitionSchema.shape.event)
    .optional()
    .describe('Selects only transitions with these events. The cursor moves past all other transitions.'),
})
const FeedFilter = inputType('FeedFilter', filterInput, {
  description: 'Selects the transitions that match every field of the filter.',
})

const feedFilterOf = (filter: object | null | undefined): feed.FeedFilter =>
  valid(feedFilterSchema, snakeMembers(filter ?? {}), ['filter'])

@Resolver()
export class FeedResolver {
  @Subscription(() => Transition, {
    description: `Follows the transitions of one session, each once and in order. First sends the stored transitions with a sequence
greater than \`after\`, then live ones. Without \`after\`, sends only live transitions. Completes after SESSION_CLOSED.`,
    async subscribe({ args, context }) {
      const { queries, feed, resume, connection } = context as Context
      const given = resume === undefined ? args.after : Number(resume)
      const after = valid(sequenceSchema.nullish(), given, ['after']) ?? undefined
      return feed.transitions(() => queries.snapshotWithSequence(args.sessionId, after), after, connection)
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
FeedReady: from then on, you miss nothing. If the feed cannot resume after \`after\`, FeedGap comes before FeedReady. With
\`reportCaughtUp\`, another FeedReady follows the transitions between \`after\` and now.`,
    subscribe({ args, context }) {
      const { feed, resume, connection } = context as Context
      const after = unlessEmpty(resume === undefined ? args.after : String(resume))
      return feed.subscribe({
        after,
        filter: feedFilterOf(args.filter),
        connection,
        reportsCaughtUp: args.reportCaughtUp ?? false,
      })
    },
  })
  feed(
    @Root() message: feed.FeedMessage,
    @Arg('after', () => String, { nullable: true }) _after?: string,
    @Arg('filter', () => FeedFilter, { nullable: true }) _filter?: object,
    @Arg('reportCaughtUp', () => Boolean, { nullable: true, defaultValue: false }) _reportCaughtUp?: boolean | null,
  ) {
    if (message.kind !== 'transition') return message
    const { kind, cursor, left, commit, transition } = message
    return { kind, cursor, left, transition: withSession(commit, transition) }
  }
}
