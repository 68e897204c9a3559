import { alsoHtml, type OperationDescription, type OperationDescriptions, type ResponseDescription } from './operation'

/** Describes an operation that serves content that does not change while the process lives. */
const contentOperation = (
  id: string,
  summary: string,
  description: string,
  content: Pick<ResponseDescription, 'body' | 'also'>,
): OperationDescription => ({
  id,
  tag: 'Description',
  isOpen: true,
  summary,
  description,
  headers: ['If-None-Match'],
  answers: {
    200: { description: 'The content.', ...content, headers: ['ETag'] },
    304: { description: 'The content is as `If-None-Match` states.', headers: ['ETag'] },
  },
  problems: [],
})

/** Operations for descriptions and health of this server. */
export const serverOperations: OperationDescriptions = {
  '/': {
    get: contentOperation(
      'readLinks',
      'List what is where',
      'For other programs, as paths of this server: a browser is shown the dashboard.',
      { body: 'Links' },
    ),
  },
  '/problems': {
    get: {
      id: 'listProblems',
      tag: 'Description',
      isOpen: true,
      summary: 'List the problems that there are',
      description: 'The set of codes is closed.',
      answers: { 200: { description: 'Every problem, explained.', body: 'ExplanationList', also: alsoHtml } },
      problems: [],
    },
  },
  '/problems/{code}': {
    get: {
      id: 'readProblem',
      tag: 'Description',
      isOpen: true,
      summary: 'Explain a problem',
      description: 'A page for browsers. It stands at the `type` of every problem.',
      answers: { 200: { description: 'The problem, explained.', body: 'Explanation', also: alsoHtml } },
      problems: ['route_not_found'],
    },
  },
  '/openapi.json': {
    get: contentOperation('readOpenapi', 'Describe the requests and answers', 'This description, in OpenAPI 3.1.', {
      body: 'Description',
    }),
  },
  '/asyncapi.json': {
    get: contentOperation(
      'readAsyncapi',
      'Describe the streams',
      'The Server-Sent Events and the WebSocket, in AsyncAPI 3.',
      {
        body: 'Description',
      },
    ),
  },
  '/docs': {
    get: contentOperation('readDocs', 'Read and try this description', 'A page that needs nothing from another host.', {
      also: alsoHtml,
    }),
  },
  '/healthz': {
    get: {
      id: 'readHealth',
      tag: 'Health',
      isOpen: true,
      summary: 'Tell whether the process lives',
      description: 'It does not ask the store.',
      answers: { 200: { description: 'It lives.', body: 'Health', example: { status: 'ok' } } },
      problems: [],
    },
  },
  '/readyz': {
    get: {
      id: 'readReadiness',
      tag: 'Health',
      isOpen: true,
      summary: 'Tell whether requests can be served',
      description: 'It asks the store.',
      answers: {
        200: { description: 'They can.', body: 'Health', example: { status: 'ok' } },
        503: {
          description: 'They cannot: the part that fails is named.',
          body: 'NotReady',
          example: { status: 'unavailable', failing: ['store'] },
          headers: ['Retry-After'],
        },
      },
      problems: [],
    },
  },
}
