import { fixed } from '../../http/fixed'
import { links } from '../links'
import { asyncapi } from './asyncapi'
import { openapi } from './openapi'

const headers = { 'Content-Type': 'application/json; charset=utf-8' }

/** What this server says of itself to other programs: with the issuer of the tokens that it asks for, where it does. */
export const descriptionsOf = (issuer?: string) => ({
  openapi: fixed(() => JSON.stringify(openapi(issuer)), headers),
  asyncapi: fixed(() => JSON.stringify(asyncapi(issuer)), headers),
  // A browser is shown the dashboard there.
  links: fixed(() => JSON.stringify(links()), { ...headers, Vary: 'Accept, Accept-Encoding' }),
})
