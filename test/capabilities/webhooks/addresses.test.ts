import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkedLookup, isPublic, type Lookup } from '../../../src/capabilities/webhooks/addresses'
import { WebhookSender } from '../../../src/capabilities/webhooks/sender'
import { until } from '../../support/until'

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

/** A lookup that finds these addresses, one list after the other. */
function finding(...lists: string[][]): Lookup {
  let n = 0
  const find = (_name: string, _options: object, callback: (error: null, found: object[]) => void): void => {
    const list = lists[Math.min(n++, lists.length - 1)] ?? []
    setImmediate(
      callback,
      null,
      list.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return find as unknown as Lookup
}

const lookedUp = (lookup: ReturnType<typeof checkedLookup>): Promise<unknown> =>
  new Promise((resolve, reject) =>
    lookup('receiver.test', { all: true }, (error, found) => (error ? reject(error) : resolve(found))),
  )

test('of the addresses of a name, only public ones are used', async () => {
  const lookup = checkedLookup(isPublic, finding(['10.0.0.1', '8.8.8.8', '::1'], ['10.0.0.1']))
  expect(await lookedUp(lookup)).toEqual([{ address: '8.8.8.8', family: 4 }])
  await expect(lookedUp(lookup)).rejects.toThrow()
})

test('two names are looked up at once, and connections to the same name share a look-up that has not ended', async () => {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const lookup = ((name: string, _options: object, callback: (error: null, found: object[]) => void) => {
    asked.push(name)
    answers.push(() => callback(null, [{ address: '8.8.8.8', family: 4 }]))
  }) as unknown as Lookup
  const checked = checkedLookup(isPublic, lookup)
  const find = (name: string) => new Promise(resolve => checked(name, { all: true }, (_, found) => resolve(found)))
  const found = ['a.test', 'a.test', 'b.test', 'c.test', 'd.test', 'c.test'].map(find)
  expect(asked).toEqual(['a.test', 'b.test'])
  for (let ended = 0; ended < 4; ended++) {
    await until(() => answers.length > 0, 5_000, 'a look-up')
    expect(answers.length).toBeLessThanOrEqual(2)
    answers.shift()?.()
  }
  expect(await Promise.all(found)).toHaveLength(6)
  expect(asked).toEqual(['a.test', 'b.test', 'c.test', 'd.test'])
  void find('a.test')
  expect(asked.at(-1)).toBe('a.test')
})

const message = { id: 'msg_1', body: '{}' }
const secrets = [{ secret: 'whsec_c2VjcmV0', expires_at: null }]

test('each attempt looks the name up and checks the address that it connects to', async () => {
  let requests = 0
  const receiver = createServer((_request, response) => {
    requests++
    response.end()
  })
  await new Promise<void>(resolve => {
    receiver.listen(0, '127.0.0.1', resolve)
  })
  const { port } = receiver.address() as AddressInfo
  // 127.0.0.2 leads to this machine too. It stands for the private address.
  class Sender extends WebhookSender {
    override allows(address: string): boolean {
      return address === '127.0.0.1'
    }
  }
  const sender = new Sender('tests', true, { lookup: finding(['127.0.0.1'], ['127.0.0.2']) })
  const url = `http://receiver.test:${port}/`
  expect(await sender.send({ url, secrets }, message)).toMatchObject({ status: 200, error: null })
  expect(await sender.send({ url, secrets }, message)).toMatchObject({ status: null, error: 'address_not_allowed' })
  expect(requests).toBe(1)
  receiver.close()
})

test.each(['https://127.0.0.1/', 'https://[::1]/', 'https://2130706433/', 'https://localhost/'])(
  'a sender that allows no private addresses does not connect to %s',
  async url => {
    const sender = new WebhookSender('tests', false)
    expect(await sender.send({ url, secrets }, message)).toEqual({
      status: null,
      error: 'address_not_allowed',
      retryAfterMs: 0,
    })
  },
)
