import { fixed } from '../../http/fixed'
import { links } from '../links'
import { asyncapi } from './asyncapi'
import { openapi } from './openapi'

const headers = { 'Content-Type': 'application/json; charset=utf-8' }

/**
 * Returns the handlers of the descriptions for other programs. With an issuer, the descriptions say that its tokens are
 * required.
 */
export const descriptionsOf = (issuer?: string) => ({
  openapi: fixed(() => JSON.stringify(openapi(issuer)), headers),
  asyncapi: fixed(() => JSON.stringify(asyncapi(issuer)), headers),
  // At `/`, browsers get the dashboard, so the response depends on `Accept`.
  links: fixed(() => JSON.stringify(links()), { ...headers, Vary: 'Accept, Accept-Encoding' }),
})
