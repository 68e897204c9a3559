import type { Response } from 'express'
import type { z } from 'zod'
import type { ErrorRow } from '../../domain/error-table'
import { type ErrorCode, errorCodes, errorRow } from '../../domain/errors'
import { type GraphqlErrorCode, graphqlErrorCodes, graphqlErrors } from '../../domain/graphql-errors'
import { publicPath } from '../../http/base-path'
import { exampleOfError, problemOf, type problemSchemas, typeOf } from '../problem'
import { html, type Markup, sendHtml } from './html'

type Explanation = z.infer<ReturnType<typeof problemSchemas>['explanation']>

/** Returns first the codes of problems, then the codes that only GraphQL sends. */
export const explainedCodes = (): Explanation['code'][] => [...errorCodes(), ...graphqlErrorCodes]

export function explanationOf(code: Explanation['code']): Explanation {
  if (code in graphqlErrors) return explanationOfGraphql(code as GraphqlErrorCode)
  return explanationOfProblem(code as ErrorCode)
}

function explanationOfGraphql(code: GraphqlErrorCode): Explanation {
  const { title, status, when, remedy, example, message }: ErrorRow = graphqlErrors[code]
  const error = { message: message(example), extensions: { code: code.toUpperCase(), ...example } }
  const members = Object.keys(example)
  return { type: typeOf(code), title, status, code, when, remedy, members, example: { errors: [error] } }
}

function explanationOfProblem(code: ErrorCode): Explanation {
  const { title, status, when, remedy } = errorRow(code)
  const error = exampleOfError(code)
  const members = Object.keys(error.facts)
  const problem = problemOf({ originalUrl: publicPath('/the/path/of/the/request') }, error)
  return { type: typeOf(code), title, status, code, when, remedy, members, example: { ...problem } }
}

const style = `
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem }
  h1 { line-height: 1.25 }
  code, pre { font-family: ui-monospace, monospace; font-size: 0.9em }
  pre { padding: 1rem; white-space: pre-wrap; border: 1px solid #8886; border-radius: 0.5rem }
  dt { font-weight: 600; margin-top: 1rem }
  dd { margin: 0 }
  td, th { padding: 0.25rem 1.25rem 0.25rem 0; text-align: left; vertical-align: top }
`

/** Converts text from the server's own source to HTML. Text between backquotes becomes code. */
const prose = (text: string): Markup[] =>
  text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))

export function sendExplanation(response: Response, explanation: Explanation): void {
  sendHtml(response, 200, { title: explanation.title, style, content: explained(explanation) })
}

export function sendExplanations(response: Response, explanations: Explanation[]): void {
  sendHtml(response, 200, { title: 'Problems', style, content: list(explanations) })
}

const explained = ({ title, code, status, when, remedy, members, example }: Explanation) =>
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

const list = (data: Explanation[]) => html`<h1>Problems</h1>
<p>Every error from this server has one of these codes. GraphQL sends the codes in capitals. <a href="${publicPath('/docs')}">See all requests and responses</a></p>
<table>
<thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead>
<tbody>
${data.map(
  ({ type, code, status, title }) =>
    html`<tr><td>${status}</td><td><a href="${type}"><code>${code}</code></a></td><td>${title}</td></tr>\n`,
)}</tbody>
</table>`
