import dns from 'node:dns/promises'

// Loaded into the server before its program: NAME_SERVER takes the place of the system's name servers.

const { Resolver } = dns
const { NAME_SERVER = '' } = process.env

dns.Resolver = class extends Resolver {
  constructor(options?: ConstructorParameters<typeof Resolver>[0]) {
    super(options)
    this.setServers([NAME_SERVER])
  }
}
