import express from 'express'
import { errorRow } from '../../dist/src/domain/errors.js'
import { sessionBody, sessionsPath } from '../../dist/src/rest/resources/sessions.js'
import { count, dispatch, find, list, start } from './sessions.mjs'

const app = express().disable('x-powered-by').disable('etag').use(express.json())

app.get(sessionsPath, async ({ query }, response) => {
  const limit = Number(query.limit)
  const [data, total] = await Promise.all([list(limit), count()])
  response.json({ data: data.map(sessionBody), pagination: { page: 1, limit, total } })
})
app.post(sessionsPath, async ({ body }, response) => {
  response.status(201).json(sessionBody(await start(body)))
})
app.get(`${sessionsPath}/:id`, async ({ params }, response) => {
  response.json(sessionBody(await find(params.id)))
})
app.put(`${sessionsPath}/:id`, async ({ params, body }, response) => {
  const session = await dispatch(params.id, body)
  response.set('Session-Version', session.version).json(sessionBody(session))
})
app.use((error, _request, response, _next) => {
  response.status(errorRow(error.code)?.status ?? 500).json({ code: error.code })
})

app.listen(process.env.PORT, '127.0.0.1')
