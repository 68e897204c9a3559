/** What the tests use of it: https://github.com/panva/node-oidc-provider has the rest. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export class Provider {
    constructor(issuer: string, configuration: object)
    callback(): RequestListener
  }

  export const interactionPolicy: { base(): { remove(prompt: string): void } }
}
