import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { interactionPolicy, Provider } from 'oidc-provider'
import { people } from './tokens'

export interface IssuerOptions {
  /** 0 means any free port. A restarted issuer gets its previous port. */
  port: number
  /** Lifetime of the issuer's tokens, in seconds. */
  tokenSeconds: number
  audience: string
  refreshes: boolean
  /** Allowed redirect URIs of the dashboard. A loopback URI matches with any port. */
  redirectUris: string[]
}

/** The part of the provider's interaction context that this file uses. */
interface Asked {
  oidc: {
    provider: { Grant: new (of: object) => Grant }
    client: { clientId: string }
    session: { accountId: string }
  }
}

interface Grant {
  addOIDCScope(scope: string): void
  addResourceScope(resource: string, scope: string): void
  save(): Promise<string>
}

/** The dashboard's client needs no consent. */
const policy = interactionPolicy.base()
policy.remove('consent')

const resource = 'https://sessions.example/api'

function configurationOf({ audience, tokenSeconds, refreshes, redirectUris }: IssuerOptions): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const claimsOf = (id: string): object => ({ ...people[id as keyof typeof people], sub: id })
  return {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'ES256' }] },
    clients: [
      {
        client_id: 'dashboard',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'ES256',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: redirectUris,
        post_logout_redirect_uris: redirectUris,
      },
    ],
    findAccount: (_: Asked, id: string) => ({ accountId: id, claims: () => claimsOf(id) }),
    claims: { openid: ['sub'], profile: ['name'] },
    cookies: { keys: [randomUUID()] },
    clientBasedCORS: () => true,
    issueRefreshToken: () => refreshes,
    features: {
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenSeconds,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: (_: Asked, { accountId }: { accountId: string }) => claimsOf(accountId),
    interactions: { policy },
    async loadExistingGrant({ oidc: { provider, client, session } }: Asked) {
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid profile offline_access')
      grant.addResourceScope(resource, '')
      await grant.save()
      return grant
    },
  }
}

process.once('message', (options: IssuerOptions) => {
  let answer: RequestListener
  const server = createServer((request, response) => answer(request, response)).listen(
    options.port,
    '127.0.0.1',
    () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      answer = new Provider(url, configurationOf(options)).callback()
      process.send?.(url)
    },
  )
})
process.once('disconnect', () => process.exit())
