import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isPublic } from '../../../src/capabilities/webhooks/addresses'
import { type Outcome, WebhookSender } from '../../../src/capabilities/webhooks/sender'
import { NameServer } from '../../support/name-server'

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%lo',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'receiver.test',
  '',
])('%s is not a public address', address => {
  expect(isPublic(address)).toBe(false)
})

test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '193.0.0.1', '2606:4700::1111', '2a00:1450::1'])(
  '%s is a public address',
  address => {
    expect(isPublic(address)).toBe(true)
  },
)

/** Makes an attempt, from the look-up of the name to the response. */
async function attempted(sender: WebhookSender, url: string): Promise<Outcome | undefined> {
  const { signal } = new AbortController()
  const addresses = await sender.find(url)
  const secrets = [{ secret: 'whsec_c2VjcmV0', expires_at: null }]
  return sender.send({ url, secrets }, { id: 'msg_1', body: '{}' }, { addresses, signal })
}

/** Starts a receiver on all addresses of this machine. */
async function receiving() {
  const hosts: (string | undefined)[] = []
  const receiver = createServer(({ headers }, response) => {
    hosts.push(headers.host)
    response.end()
  })
  await new Promise<void>(resolve => {
    receiver.listen(0, '0.0.0.0', resolve)
  })
  return { hosts, port: (receiver.address() as AddressInfo).port, stop: () => receiver.close() }
}

/** A sender to which 127.0.0.1 is the only public address. 127.0.0.2 leads to this machine too. */
class Sender extends WebhookSender {
  override allows(address: string): boolean {
    return address === '127.0.0.1'
  }
}

test('an attempt connects only to addresses that it checked, whatever the name server returns later', async () => {
  const { hosts, port, stop } = await receiving()
  const addresses = [['127.0.0.2', '127.0.0.1'], ['127.0.0.1'], ['127.0.0.2']]
  const names = await NameServer.start(() => addresses[names.asked.length - 1])
  const sender = new Sender('tests', true, { servers: [names.address] })
  const url = `http://receiver.test:${port}/`
  expect(await attempted(sender, url)).toMatchObject({ status: 200, error: null })
  expect(await attempted(sender, url)).toMatchObject({ status: 200, error: null })
  expect(await attempted(sender, url)).toMatchObject({ status: null, error: 'address_not_allowed' })
  expect(hosts).toEqual([`receiver.test:${port}`, `receiver.test:${port}`])
  stop()
  await names.stop()
})

test('a name of the hosts file needs no name server', async () => {
  const { hosts, port, stop } = await receiving()
  const sender = new Sender('tests', true, { servers: ['127.0.0.1:1'] })
  expect(await attempted(sender, `http://LOCALHOST:${port}/`)).toMatchObject({ status: 200, error: null })
  expect(hosts).toEqual([`localhost:${port}`])
  stop()
})

test('of the addresses of a name, eight are tried', async () => {
  const { port, stop } = await receiving()
  const others = Array.from({ length: 8 }, (_, n) => `127.0.1.${n}`)
  const names = await NameServer.start(name => (name === 'seven.test' ? others.slice(1) : others).concat('127.0.0.1'))
  const sender = new Sender('tests', true, { servers: [names.address] })
  expect(await attempted(sender, `http://seven.test:${port}/`)).toMatchObject({ status: 200 })
  expect(await attempted(sender, `http://eight.test:${port}/`)).toMatchObject({ error: 'address_not_allowed' })
  stop()
  await names.stop()
})

test.each(['https://127.0.0.1/', 'https://[::1]/', 'https://2130706433/', 'https://localhost/'])(
  'a sender that allows no private addresses does not connect to %s',
  async url => {
    expect(await attempted(new WebhookSender('tests', false), url)).toEqual({
      status: null,
      error: 'address_not_allowed',
      retryAfterMs: 0,
    })
  },
)
