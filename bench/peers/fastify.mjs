import fastify from 'fastify'
import { errorRow } from '../../dist/src/domain/errors.js'
import { sessionBody, sessionsPath } from '../../dist/src/rest/resources/sessions.js'
import { count, dispatch, find, list, start } from './sessions.mjs'

const object = properties => ({ type: 'object', properties })
const whole = { type: 'integer' }
const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }
const session = object({
  session_id: text,
  mentor_id: text,
  state: text,
  last_event: textOrNull,
  result_id: textOrNull,
  created_at: text,
  updated_at: text,
})
const pagination = object({ page: whole, limit: whole, total: whole })
const page = object({ data: { type: 'array', items: session }, pagination })
const answers = schema => ({ schema: { response: { '2xx': schema } } })

const app = fastify()

app.get(sessionsPath, answers(page), async ({ query }) => {
  const limit = Number(query.limit)
  const [data, total] = await Promise.all([list(limit), count()])
  return { data: data.map(sessionBody), pagination: { page: 1, limit, total } }
})
app.post(sessionsPath, answers(session), async ({ body }, reply) => {
  reply.code(201)
  return sessionBody(await start(body))
})
app.get(`${sessionsPath}/:id`, answers(session), async ({ params }) => sessionBody(await find(params.id)))
app.put(`${sessionsPath}/:id`, answers(session), async ({ params, body }, reply) => {
  const changed = await dispatch(params.id, body)
  reply.header('Session-Version', changed.version)
  return sessionBody(changed)
})
app.setErrorHandler((error, _request, reply) => {
  reply.code(errorRow(error.code)?.status ?? 500).send({ code: error.code })
})

await app.listen({ port: Number(process.env.PORT) })
