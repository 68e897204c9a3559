import { commitOf } from '../../src/domain/commit'
import { erasedCommit } from '../../src/domain/erasure'
import { calculation, changing, closing, starting } from '../support/sessions'

const start = starting({ mentor_id: 'gone', organisation_id: 'o' })
const calculated = changing(start.session, calculation(123))
const close = closing(calculated.session)

test('the close of an erased session keeps only the fact and the organisation', () => {
  const { session_id, created_at, updated_at: at } = close.session
  expect(erasedCommit(commitOf(close.session, close.changes, close.before))).toEqual({
    session_id,
    mentor_id: '',
    organisation_id: 'o',
    created_at,
    last_event: null,
    transitions: [{ event: 'SessionClosed', from: 'loaded', to: 'closed', sequence: 4, at, result_id: null }],
    contribution: { before: null, after: null },
  })
})

test.each([
  ['start', start],
  ['calculation', calculated],
])(
  'the %s of an erased session leaves nothing in the log, and nothing in the totals',
  (_, { session, changes, before }) => {
    const { transitions, contribution, mentor_id } = erasedCommit(commitOf(session, changes, before))
    expect({ transitions, contribution, mentor_id }).toEqual({
      transitions: [],
      contribution: { before: null, after: null },
      mentor_id: '',
    })
  },
)
