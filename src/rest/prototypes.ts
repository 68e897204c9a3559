import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http'
import type { Express } from 'express'

/**
 * A server's requests and responses, made with the prototypes that the application gives them: Express gives each its
 * prototype when it comes, and the runtime is slow with an object whose prototype was changed. So nothing is left to change.
 *
 * They are node's own messages, with Express's methods between them and node's: who knows nothing of Express meets what
 * it expects. What makes them are classes, for which alone the runtime keeps one fast shape under a prototype of ours.
 */
export function messagesOf(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class Request extends IncomingMessage {}
  class Response<R extends IncomingMessage> extends ServerResponse<R> {}
  app.request = Object.setPrototypeOf(Request.prototype, app.request)
  app.response = Object.setPrototypeOf(Response.prototype, app.response)
  return { IncomingMessage: Request, ServerResponse: Response }
}
