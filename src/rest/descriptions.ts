import { fixed } from './fixed'
import { openapi } from './openapi/document'

const json = 'application/json; charset=utf-8'

/** What this server says of itself to other programs. */
export const descriptions = {
  openapi: fixed(json, () => JSON.stringify(openapi())),
}
