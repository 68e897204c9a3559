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
    304: { description: 'The content has not changed.', headers: ['ETag'] },
  },
  problems: [],
})

/** Operations for descriptions and health of this server. */
export const serverOperations: OperationDescriptions = {
  '/': {
    get: contentOperation('readLinks', 'List the paths of this server', 'For programs. Browsers get the dashboard.', {
      body: 'Links',
    }),
  },
  '/problems': {
    get: {
      id: 'listProblems',
      tag: 'Description',
      isOpen: true,
      summary: 'List all problems',
      description: 'The set of codes is closed.',
      answers: { 200: { description: 'All problems, with explanations.', body: 'ExplanationList', also: alsoHtml } },
      problems: [],
    },
  },
  '/problems/{code}': {
    get: {
      id: 'readProblem',
      tag: 'Description',
      isOpen: true,
      summary: 'Explain a problem',
      description: 'The `type` of every problem is the path of its explanation. Browsers get a page.',
      answers: { 200: { description: 'The explanation of the problem.', body: 'Explanation', also: alsoHtml } },
      problems: ['route_not_found'],
    },
  },
  '/openapi.json': {
    get: contentOperation(
      'readOpenapi',
      'Describe the requests and responses',
      'Returns this description, in OpenAPI 3.1.',
      {
        body: 'Description',
      },
    ),
  },
  '/asyncapi.json': {
    get: contentOperation(
      'readAsyncapi',
      'Describe the streams',
      'Describes the Server-Sent Events and the WebSocket, in AsyncAPI 3.',
      {
        body: 'Description',
      },
    ),
  },
  '/docs': {
    get: contentOperation(
      'readDocs',
      'Read and try this description',
      'Returns a page that loads nothing from other hosts.',
      {
        also: alsoHtml,
      },
    ),
  },
  '/healthz': {
    get: {
      id: 'readHealth',
      tag: 'Health',
      isOpen: true,
      summary: 'Check whether the process is alive',
      description: 'Does not check the store.',
      answers: { 200: { description: 'The process is alive.', body: 'Health', example: { status: 'ok' } } },
      problems: [],
    },
  },
  '/readyz': {
    get: {
      id: 'readReadiness',
      tag: 'Health',
      isOpen: true,
      summary: 'Check whether the server is ready',
      description: 'Checks the store.',
      answers: {
        200: { description: 'The server is ready.', body: 'Health', example: { status: 'ok' } },
        503: {
          description: 'The server is not ready. `failing` names the part that fails.',
          body: 'NotReady',
          example: { status: 'unavailable', failing: ['store'] },
          headers: ['Retry-After'],
        },
      },
      problems: [],
    },
  },
}
