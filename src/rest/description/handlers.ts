import { staticAsset } from '../../http/static-assets'
import { links } from '../links'
import { asyncapi } from './asyncapi'
import { openapi } from './openapi'

const headers = { 'Content-Type': 'application/json; charset=utf-8' }

/**
 * Returns the handlers of the descriptions for other programs. With an issuer, the descriptions say that its tokens are
 * required.
 */
export const descriptionHandlers = (issuer?: string) => ({
  openapi: staticAsset(() => JSON.stringify(openapi(issuer)), headers),
  asyncapi: staticAsset(() => JSON.stringify(asyncapi(issuer)), headers),
  // At `/`, browsers get the dashboard, so the response depends on `Accept`.
  links: staticAsset(() => JSON.stringify(links()), { ...headers, Vary: 'Accept, Accept-Encoding' }),
})
