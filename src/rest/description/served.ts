import { fixed } from '../../http/fixed'
import { asyncapi } from './asyncapi'
import { openapi } from './openapi'

const headers = { 'Content-Type': 'application/json; charset=utf-8' }

/** What this server says of itself to other programs. */
export const descriptions = {
  openapi: fixed(() => JSON.stringify(openapi()), headers),
  asyncapi: fixed(() => JSON.stringify(asyncapi()), headers),
}
