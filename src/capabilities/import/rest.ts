import { z } from 'zod'
import { exampleOf } from '../../domain/example'
import { type Handler, type Resource, requireNoIdempotencyKey } from '../../rest/resource'
import { HttpImportClient, ndjson } from './http-client'
import { importBytes, importLines, lineBytes, lineExample, lineWaitMs, outcomeSchema } from './model'

const tag = { name: 'Imports', description: 'Start many sessions from a file.' }

const importQuery = z.strictObject({
  dry_run: z
    .enum(['on'])
    .optional()
    .describe(
      '`on` checks every line and stores nothing. The checks treat earlier lines as if they had been stored, so that the outcomes are those of the import.',
    ),
})

const importSessions: Handler<z.output<typeof importQuery>> = async ({
  request,
  response,
  useCases: { import: imports },
  query: { dry_run },
}) => {
  await imports.run(new HttpImportClient(request, response), dry_run === 'on')
}

const linesOf = (...lines: object[]): string => lines.map(line => `${JSON.stringify(line)}\n`).join('')

const last = { done: true, created: 1, repeated: 0, refused: 0 }

export const importResources: Resource[] = [
  {
    path: '/api/v1/benefit-imports',
    async requireChange(request, { import: imports }) {
      await imports.requireChange()
      requireNoIdempotencyKey(request, 'give each line an `external_id` instead')
    },
    post: {
      handler: importSessions,
      id: 'importSessions',
      tag,
      summary: 'Start a session for each line',
      description: `The body has one JSON object on each line, like the body of \`startSession\`. It has at most ${importLines} lines, of at most ${lineBytes} bytes each, and ${importBytes} bytes in total. The server processes the lines as they arrive. The response has one line per line of the body, in the same order. The server sends each line as soon as it has stored the session: \`{line, status, session_id?, result_id?, code?, detail?, errors?}\`. \`status\` is \`created\`, \`repeated\` (a session was started with the same content and \`external_id\` before) or \`refused\` (with \`code\`, \`detail\` and \`errors\`). The last line is \`{done: true, created, repeated, refused}\`, or \`{done: false, code, detail}\` if the import ended early. Without \`done: true\` the response is incomplete: send the body again. The import ends early if the server receives no complete line for ${lineWaitMs / 1_000} seconds.`,
      query: importQuery,
      streams: ndjson,
      requestBody: { schema: z.string(), examples: { import: linesOf(lineExample) } },
      responses: {
        200: {
          description: 'One outcome per line.',
          samples: { [ndjson]: linesOf(exampleOf(outcomeSchema), last) },
        },
      },
    },
  },
]
