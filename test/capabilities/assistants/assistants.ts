import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Reachable } from '../../support/server'

/** A tool as a client sees it listed. */
export interface ListedTool {
  name: string
  description: string
  inputSchema: { type: string; properties: Record<string, unknown>; required?: string[] }
  outputSchema: object
  annotations: Record<string, boolean>
}

/** The result of a tool. Either `data` or the code of an error is set. */
export interface ToolResult {
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: each tool has other data, which the tests compare
  data?: any
  code?: string
}

/** A connected client of the Model Context Protocol. It checks each result against the schema of its tool. */
export interface Assistant {
  version: string | undefined
  tools(): Promise<ListedTool[]>
  call(name: string, args?: object): Promise<ToolResult>
  close(): Promise<void>
}

export type Connect = (server: Reachable, headers?: Record<string, string>) => Promise<Assistant>

const client = { name: 'tests', version: '1' }
const urlOf = ({ url }: Reachable): URL => new URL(`${url}/mcp`)

interface Result {
  content: [{ text: string }]
  structuredContent?: unknown
  isError?: boolean
}

/** Reads a result of either SDK, which have different types. */
function resultOf(result: object): ToolResult {
  const { content, structuredContent: data, isError } = result as Result
  const [{ text }] = content
  return isError ? { text, code: text.split(':', 1)[0] as string } : { text, data }
}

/** The clients of both generations of the official SDK, by the version that they speak. */
export const generations: Record<'2025-11-25' | '2026-07-28', Connect> = {
  async '2025-11-25'(server, headers = {}) {
    const assistant = new LegacyClient(client)
    const transport = new LegacyTransport(urlOf(server), { requestInit: { headers } })
    // Its own types contradict each other under exactOptionalPropertyTypes.
    await assistant.connect(transport as unknown as Parameters<LegacyClient['connect']>[0])
    return {
      version: transport.protocolVersion,
      tools: async () => (await assistant.listTools()).tools as unknown as ListedTool[],
      call: async (name, args = {}) => resultOf(await assistant.callTool({ name, arguments: { ...args } })),
      close: () => assistant.close(),
    }
  },
  async '2026-07-28'(server, headers = {}) {
    const assistant = new ModernClient(client, { versionNegotiation: { mode: 'auto' } })
    const transport = new ModernTransport(urlOf(server), { requestInit: { headers } })
    await assistant.connect(transport)
    return {
      version: assistant.getNegotiatedProtocolVersion(),
      tools: async () => (await assistant.listTools()).tools as unknown as ListedTool[],
      call: async (name, args = {}) => resultOf(await assistant.callTool({ name, arguments: { ...args } })),
      close: () => assistant.close(),
    }
  },
}

/** Describes one suite with the clients of both generations. Each is connected before its first test. */
export function overGenerations(server: Reachable, body: (assistant: Assistant) => void): void {
  for (const [version, connect] of Object.entries(generations)) {
    describe(`with a client of ${version}`, () => {
      const assistant = {} as Assistant
      beforeAll(async () => void Object.assign(assistant, await connect(server)))
      afterAll(() => assistant.close?.())
      body(assistant)
    })
  }
}

/** Headers of a message that is sent without a client. */
export const messageHeaders = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
}

/** Returns a request to call a tool, as a client of 2025 sends it. */
export const callOf = (name: string, args: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } })
