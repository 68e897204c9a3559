import type { Request, Response } from 'express'
import { DomainError, type ErrorCode } from '../domain/errors'
import { explanations } from './explanations'
import { escaped, prose, sendPage } from './page'
import { problemOf, problems, typeOf } from './problem'
import { accepting } from './request'
import { sendJson } from './send'

const codes = Object.keys(problems) as ErrorCode[]

/** A code explained: what it means, what to do, and how it looks. */
function explained(code: ErrorCode) {
  const { when, remedy, example } = explanations[code]
  const { title, status } = problems[code]
  const members = Object.keys(example.facts)
  const problem = problemOf({ originalUrl: '/the/path/of/the/request' }, example)
  return { type: typeOf(code), title, status, code, when, remedy, members, example: problem }
}

/** `/problems/<code>`, the type of every problem, and `/problems`, the list: pages for browsers, JSON for others. */
export const problemPages = {
  one(request: Request, response: Response): void {
    const code = codes.find(code => code === request.params.code)
    if (!code) throw new DomainError('route_not_found')
    const said = explained(code)
    if (accepting(request, 'json', 'html') === 'json') return sendJson(response, 200, said)
    sendPage(
      response,
      said.title,
      `<p><a href="/problems">All problems</a></p>
<h1>${escaped(said.title)}</h1>
<p><code>${code}</code>, status ${said.status}</p>
<dl>
<dt>When it happens</dt><dd>${prose(said.when)}</dd>
<dt>What to do</dt><dd>${prose(said.remedy)}</dd>
<dt>Further members</dt><dd>${said.members.map(member => `<code>${member}</code>`).join(', ') || 'none'}</dd>
</dl>
<h2>Example</h2>
<pre>${escaped(JSON.stringify(said.example, null, 2))}</pre>`,
    )
  },

  all(request: Request, response: Response): void {
    const data = codes.map(explained)
    if (accepting(request, 'json', 'html') === 'json') return sendJson(response, 200, { data })
    const rows = data.map(
      ({ type, code, status, title }) =>
        `<tr><td>${status}</td><td><a href="${type}"><code>${code}</code></a></td><td>${escaped(title)}</td></tr>`,
    )
    sendPage(
      response,
      'Problems',
      `<h1>Problems</h1>
<p>Every error of this server has one of these codes. <a href="/docs">The requests and their answers</a></p>
<table>
<thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
    )
  },
}
