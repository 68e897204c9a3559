import { randomUUID } from 'node:crypto'
import { overPost } from '../../support/ask'
import { inputs, otherInputs } from '../../support/inputs'
import { camelled } from '../../support/interfaces'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { imported } from './importing'

const document = `mutation ($inputs: [StartSessionInput!]!) { startSessions(inputs: $inputs) {
  status session { id mentorId externalId state result { resultId inputs { sessions } } } code message errors { detail pointer }
} }`

interface Started {
  status: string
  session: { id: string; externalId: string; result: { resultId: string } | null } | null
  message: string | null
  errors: { pointer: string }[] | null
}

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const ask = (inputs: object[]) => overPost(server, document, JSON.stringify({ inputs }))
  const started = async (inputs: object[]) => ((await ask(inputs)).data as { startSessions: Started[] }).startSessions

  test('startSessions returns the outcome of each input, in their order', async () => {
    const mentorId = randomUUID()
    const externalId = randomUUID()
    const all = [
      { mentorId, externalId, inputs: camelled(inputs) },
      { mentorId, externalId, inputs: camelled(inputs) },
      { mentorId, externalId, inputs: camelled(otherInputs) },
      { mentorId: '', organisationId: '', inputs: { ...camelled(inputs), avgMinutes: -1 } },
      { mentorId, idempotencyKey: '' },
    ]
    const [created, repeated, taken, faulty, plain] = await started(all)
    const session = created?.session
    expect(created).toEqual({ status: 'CREATED', session, code: null, message: null, errors: null })
    expect(session).toMatchObject({ mentorId, externalId, state: 'LOADED', result: { inputs: { sessions: 25 } } })
    expect(repeated).toEqual({ ...created, status: 'REPEATED' })
    expect(taken).toMatchObject({ status: 'REFUSED', session: null, code: 'EXTERNAL_ID_TAKEN', errors: null })
    expect(faulty).toMatchObject({ status: 'REFUSED', session: null, code: 'VALIDATION_FAILED' })
    expect(faulty?.errors?.map(({ pointer }) => pointer)).toEqual([
      '/mentorId',
      '/organisationId',
      '/inputs/avgMinutes',
    ])
    expect(faulty?.message).toContain('/inputs/avgMinutes must be')
    expect(plain).toMatchObject({ status: 'CREATED', session: { state: 'INITIAL', result: null } })

    const { lines } = await imported(server, [{ mentor_id: mentorId, external_id: externalId, inputs }])
    expect(lines).toMatchObject([{ status: 'repeated', session_id: session?.id, result_id: session?.result?.resultId }])
  })

  test('an idempotency key belongs to its input', async () => {
    const keyed = { mentorId: randomUUID(), idempotencyKey: randomUUID() }
    const [first] = await started([keyed])
    expect(first?.status).toBe('CREATED')
    const [again, ...none] = await started([keyed])
    expect([again, none]).toEqual([{ ...first, status: 'REPEATED' }, []])
    const [other] = await started([{ ...keyed, mentorId: 'other' }])
    expect(other).toMatchObject({ status: 'REFUSED', session: null })
  })

  test('startSessions takes up to 100 inputs', async () => {
    const mentorId = randomUUID()
    const most = Array.from({ length: 100 }, (_, i) => ({
      mentorId,
      externalId: `${mentorId} ${i}`,
      inputs: { ...camelled(inputs), label: 'L'.repeat(100), currency: 'GBP' },
    }))
    expect((await started(most)).map(({ session }) => session?.externalId)).toEqual(
      most.map(({ externalId }) => externalId),
    )
    expect(await started([])).toEqual([])
    const { errors: [error] = [] } = await ask([...most, { mentorId }])
    expect(error?.extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ detail: 'must have at most 100 elements', pointer: '/inputs' }],
    })
  })
})
