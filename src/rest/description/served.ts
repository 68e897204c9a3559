import { fixed } from '../fixed'
import { asyncapi } from './asyncapi'
import { openapi } from './openapi'

const json = 'application/json; charset=utf-8'

/** What this server says of itself to other programs. */
export const descriptions = {
  openapi: fixed(json, () => JSON.stringify(openapi())),
  asyncapi: fixed(json, () => JSON.stringify(asyncapi())),
}
