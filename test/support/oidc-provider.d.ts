/** The part of oidc-provider that the tests use: https://github.com/panva/node-oidc-provider */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export class Provider {
    constructor(issuer: string, configuration: object)
    callback(): RequestListener
  }

  export const interactionPolicy: { base(): { remove(prompt: string): void } }
}
