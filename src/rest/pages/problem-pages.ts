import type { Request, Response } from 'express'
import { DomainError, type ErrorCode, errorCodes } from '../../domain/errors'
import { publicPath } from '../../http/base-path'
import { sendJson } from '../../http/json'
import { statuses } from '../../http/statuses'
import { problemOf, typeOf } from '../problem'
import { problemTypes } from '../problem-types'
import { accepting } from '../request'
import { prose, sendExplanation } from './explanation-page'
import { html } from './html'

/** Returns the explanation of a code: its meaning, the remedy and an example. */
function explained(code: ErrorCode) {
  const { title, when, remedy, example } = problemTypes[code]
  const members = Object.keys(example.facts)
  const problem = problemOf({ originalUrl: publicPath('/the/path/of/the/request') }, example)
  return { type: typeOf(code), title, status: statuses[code], code, when, remedy, members, example: problem }
}

const page = ({ title, code, status, when, remedy, members, example }: ReturnType<typeof explained>) =>
  html`<p><a href="${publicPath('/problems')}">All problems</a></p>
<h1>${title}</h1>
<p><code>${code}</code>, status ${status}</p>
<dl>
<dt>When it happens</dt><dd>${prose(when)}</dd>
<dt>What to do</dt><dd>${prose(remedy)}</dd>
<dt>Additional members</dt><dd>${members.length > 0 ? prose(members.map(name => `\`${name}\``).join(', ')) : 'none'}</dd>
</dl>
<h2>Example</h2>
<pre>${JSON.stringify(example, null, 2)}</pre>`

const list = (data: ReturnType<typeof explained>[]) => html`<h1>Problems</h1>
<p>Every error from this server has one of these codes. <a href="${publicPath('/docs')}">See all requests and responses</a></p>
<table>
<thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead>
<tbody>
${data.map(
  ({ type, code, status, title }) =>
    html`<tr><td>${status}</td><td><a href="${type}"><code>${code}</code></a></td><td>${title}</td></tr>\n`,
)}</tbody>
</table>`

/**
 * Serves `/problems/<code>`, the type of every problem, and `/problems`, the list: HTML for browsers, JSON for other
 * clients.
 */
export const problemPages = {
  one(request: Request, response: Response): void {
    const code = errorCodes.find(code => code === request.params.code)
    if (!code) throw new DomainError('route_not_found')
    const said = explained(code)
    if (accepting(request, 'json', 'html') === 'json') sendJson(response, 200, said)
    else sendExplanation(response, said.title, page(said))
  },

  all(request: Request, response: Response): void {
    const data = errorCodes.map(explained)
    if (accepting(request, 'json', 'html') === 'json') sendJson(response, 200, { data })
    else sendExplanation(response, 'Problems', list(data))
  },
}
