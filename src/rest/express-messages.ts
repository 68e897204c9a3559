import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http'
import type { Express } from 'express'

/**
 * Returns the request and response classes for a server that runs an Express application. Express gives each request
 * and response its own prototype, and the runtime is slow with an object whose prototype has changed. Instances of
 * these classes have that prototype from the start, so Express changes nothing.
 *
 * Their prototypes inherit Express's methods and then Node's, so code that knows nothing of Express can use them as
 * usual. They must be classes: only for classes does the runtime keep one fast shape under a custom prototype.
 */
export function expressMessages(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class Request extends IncomingMessage {}
  class Response<R extends IncomingMessage> extends ServerResponse<R> {}
  app.request = Object.setPrototypeOf(Request.prototype, app.request)
  app.response = Object.setPrototypeOf(Response.prototype, app.response)
  return { IncomingMessage: Request, ServerResponse: Response }
}
