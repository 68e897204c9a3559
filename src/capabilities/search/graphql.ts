import { Arg, Ctx, Extensions, Int, Query, Resolver } from 'type-graphql'
import { z } from 'zod'
import { valid } from '../../domain/errors'
import type { Context } from '../../resolvers/context'
import { objectType } from '../../resolvers/derive'
import { price } from '../../resolvers/price'
import { validFilter } from '../../resolvers/session'
import { Session, SessionFilter } from '../../resolvers/types'
import { groupsWeight } from '../totals/graphql'
import * as model from './model'
import type { Found } from './search'

const FindResult = objectType('FindResult', model.foundSchema, {
  description: 'The mentors, organisations and sessions that match a search text.',
  members: {
    mentors: { size: 'page' },
    organisations: { size: 'page' },
    sessions: { size: 'page', type: Session },
  },
})

const findSchema = z.object({
  text: model.findTextSchema,
  first: model.findLimitSchema.default(model.findLimitDefault),
})

@Resolver()
export class SearchResolver {
  @Query(() => FindResult, {
    description:
      'Finds mentors, organisations and sessions by the beginnings of words, in any order. Ignores case, accents and apostrophes.',
  })
  @Extensions(price({ most: model.findLimitSchema.maxValue, weight: groupsWeight }))
  async find(
    @Arg('first', () => Int, {
      defaultValue: model.findLimitDefault,
      nullable: true,
      description: 'Maximum number of matches per kind (mentors, organisations, sessions), 1 to 50.',
    })
    first: number | null,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter: SessionFilter | null | undefined,
    @Arg('text', () => String, { description: '1 to 120 characters. Leading and trailing whitespace is ignored.' })
    text: string,
    @Ctx() { search }: Context,
  ): Promise<Found> {
    return search.find(validFilter(filter), valid(findSchema, { text, first: first ?? undefined }))
  }
}
