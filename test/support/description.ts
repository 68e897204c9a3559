import Ajv from 'ajv/dist/2020'
import addFormats from 'ajv-formats'
import { z } from 'zod'
import { type ErrorCode, errorRow } from '../../src/domain/errors'
import { typeOf } from '../../src/rest/problem'
import type { RawAnswer } from './raw'

interface Response {
  content?: Record<string, object>
  headers?: Record<string, object>
}

export interface Described {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, Response> }>>
  components: { headers: Record<string, { required: boolean; schema: { type?: string } }> }
}

const escaped = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

/** Returns the description with closed schemas: a response must not have an undescribed member. */
function closed(document: Described): object {
  const { components } = document as unknown as { components: { schemas: Record<string, Record<string, unknown>> } }
  const schemas = Object.entries(components.schemas).map(([name, schema]) => [
    name,
    schema.properties ? { additionalProperties: false, ...schema } : schema,
  ])
  return { ...document, components: { ...components, schemas: Object.fromEntries(schemas) } }
}

/** Checks responses against an OpenAPI description. Throws for anything that is not described. */
export class Description {
  readonly #ajv = new Ajv({ strict: false, allErrors: true })
  /** Checked responses, as `operation status type`. */
  readonly seen = new Set<string>()

  constructor(readonly document: Described) {
    addFormats.default(this.#ajv)
    this.#ajv.addSchema(closed(document), 'description')
  }

  /** Throws unless the value matches the schema at this path of the description. */
  hold(value: unknown, ...place: string[]): void {
    const validate = this.#ajv.getSchema(`description#/${place.map(escaped).join('/')}`)
    if (!validate) throw new Error(`there is no schema at ${place.join(' ')}`)
    if (!validate(value)) throw new Error(`${place.join(' ')}: ${this.#ajv.errorsText(validate.errors)}`)
  }

  /** Returns the path template that matches a path, or undefined if there is none. */
  templateOf(path: string): string | undefined {
    const [bare = ''] = path.split('?', 1)
    return Object.keys(this.document.paths)
      .sort((a, b) => a.split('{').length - b.split('{').length)
      .find(template => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}/?$`).test(bare))
  }

  /** Throws unless the description has this response. */
  answer(method: string, path: string, { status, headers, text }: RawAnswer): void {
    const said = `${method} ${path} ${status}`
    const template = this.templateOf(path)
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
    const operation = template === undefined ? undefined : this.document.paths[template]?.[verb]
    if (template === undefined || !operation) {
      undescribed(said, method, status, text)
      return
    }
    const place = ['paths', template, verb, 'responses', String(status)]
    const response = operation.responses[status]
    if (!response) throw new Error(`${said} is not described`)
    for (const name of Object.keys(response.headers ?? {})) {
      const { required, schema } = this.document.components.headers[name] ?? { required: true, schema: {} }
      const value = headers[name.toLowerCase()]
      if (value !== undefined) {
        this.hold(schema.type === 'integer' ? Number(value) : value, 'components', 'headers', name, 'schema')
      } else if (required) throw new Error(`${said} has no ${name}`)
    }
    const type = String(headers['content-type'] ?? '').split(';', 1)[0] as string
    const types = Object.keys(response.content ?? {})
    if (types.length === 0 ? type !== '' : !types.includes(type)) throw new Error(`${said} has the type ${type}`)
    this.seen.add(`${operation.operationId} ${status} ${type}`.trim())
    if (text === '') {
      if (types.length > 0 && method !== 'HEAD') throw new Error(`${said} is empty`)
      return
    }
    const body: unknown = /[/+]json$/.test(type) ? JSON.parse(text) : text
    this.hold(body, ...place, 'content', type, 'schema')
    if (type === 'application/problem+json') this.#holdProblem(said, body as { code: ErrorCode }, response)
  }

  /**
   * All problems share one schema. Also checks a problem against the schema of its code, and the code against those of
   * its status.
   */
  #holdProblem(said: string, problem: { code: ErrorCode }, { content }: Response): void {
    const { examples = {} } = (content?.['application/problem+json'] ?? {}) as { examples?: object }
    if (!(problem.code in examples)) throw new Error(`${said} is not described: ${problem.code}`)
    holdProblem(said, problem.code, problem)
  }
}

/** Throws unless a problem has the shape that its code prescribes. */
function holdProblem(said: string, code: ErrorCode, problem: unknown): void {
  const schema = z.strictObject({
    type: z.literal(typeOf(code)),
    title: z.literal(errorRow(code).title),
    status: z.literal(errorRow(code).status),
    detail: z.string(),
    code: z.literal(code),
    instance: z.string(),
    ...errorRow(code).facts.shape,
  })
  const { error } = schema.safeParse(problem)
  if (error) throw new Error(`${said} is not described: ${z.prettifyError(error)}`)
}

/** Checks a response without an operation: to OPTIONS, or the problem for an unknown path or method. */
function undescribed(said: string, method: string, status: number, text: string): void {
  if (text === '' && (method === 'HEAD' ? status >= 404 : method === 'OPTIONS' && status === 204)) return
  holdProblem(said, status === 405 ? 'method_not_allowed' : 'route_not_found', JSON.parse(text))
}
