import type { Core } from '../../capability'
import { DomainError } from '../../domain/errors'
import { publicPath } from '../../http/base-path'
import { maxNesting, sendJson, sendJsonText } from '../../http/json'
import { clientOf, type Handler, parsedBody, type Resource, urlOf } from '../../rest/resource'
import type { Tool } from '../../tool'
import { McpToolServer } from './tool-server'
import { readTools, writeTools } from './tools'

const path = '/mcp'
const metadataPath = '/.well-known/oauth-protected-resource'

const changesNothing = ({ annotations }: Tool): boolean => annotations.readOnlyHint

/** Requests to `/mcp` pass the same checks as all other requests. */
export function mcpResources({ config, version, allowsOrigin, capabilities }: Core): Resource[] {
  const { MCP, AUTH_ISSUER } = config
  const tools = [...readTools, ...capabilities.flatMap(({ tools = [] }) => tools), ...writeTools]
  const server = new McpToolServer(MCP === 'write' ? tools : tools.filter(changesNothing), version)

  const respond: Handler = async ({ request, response, useCases, context: { log } }) => {
    if (!allowsOrigin(request)) {
      const message =
        'Pages from this origin are not allowed to use this server. `CORS_ORIGIN` lists the allowed origins.'
      throw new DomainError('forbidden').withMessage(message)
    }
    const context = { useCases, client: clientOf(request, response), urlOf: (path: string) => urlOf(request, path) }
    const { headers } = request
    const answer = await server.respond(parsedBody(request, maxNesting), { headers, response, context, log })
    const type = answer.headers.get('content-type')
    if (type) sendJsonText(response, answer.status, await answer.text(), type)
    else response.status(answer.status).end()
  }

  /** Responds with the protected-resource metadata (RFC 9728 §3.2), which names the issuer of access tokens. */
  const readMetadata: Handler = ({ request, response }) =>
    sendJson(response, 200, {
      resource: urlOf(request, path),
      authorization_servers: [AUTH_ISSUER],
      bearer_methods_supported: ['header'],
      resource_name: 'Benefit Sessions',
    })

  // RFC 9728 §3.1 prescribes the last of these paths. If the server has a base path, this path works only if the proxy
  // forwards it to the server.
  const metadataPaths = [metadataPath, metadataPath + path, metadataPath + publicPath(path)]
  return [
    {
      path,
      metadataPath: AUTH_ISSUER && metadataPath + path,
      post: { handler: respond, isDescribed: false },
    },
    ...(AUTH_ISSUER
      ? [
          {
            path: [...new Set(metadataPaths)],
            link: 'oauth_protected_resource',
            isPublic: true,
            get: { handler: readMetadata, isDescribed: false as const },
          },
        ]
      : []),
  ]
}
