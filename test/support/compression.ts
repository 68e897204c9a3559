import { type EncodedAnswer, sendEncoded } from './encoded'
import type { GraphqlApi, RestApi } from './interfaces'
import type { send } from './raw'
import type { Reachable } from './server'

type AnyApi = RestApi | GraphqlApi
type Read = (api: AnyApi) => Promise<unknown>
type ApiOf = (server: Reachable, sent?: typeof send) => AnyApi

export const encodingOf = ({ headers }: EncodedAnswer) => headers['content-encoding']

/** Reads through an interface that accepts this encoding. Returns the results and the response. */
export async function readIn(server: Reachable, apiOf: ApiOf, encoding: string, read: Read) {
  const answers: EncodedAnswer[] = []
  const api = apiOf(server, async (url, method, path, headers, body) => {
    const accepting = { ...headers, 'Accept-Encoding': encoding }
    const answer = await sendEncoded(url, method, path, accepting, body as string)
    answers.push(answer)
    return answer
  })
  const said = await read(api)
  return { said, answer: answers[0] as EncodedAnswer }
}

/** Expects that a response without a secret is compressed where that pays, and that it is the same in each encoding. */
export async function expectCompression(server: Reachable, apiOf: ApiOf, isSecret: boolean, read: Read) {
  const plain = await readIn(server, apiOf, 'identity', read)
  expect(encodingOf(plain.answer)).toBeUndefined()
  const varies = /Accept-Encoding/.test(String(plain.answer.headers.vary))
  expect(varies).toBe(!isSecret)
  for (const encoding of ['gzip', 'br']) {
    const { said, answer } = await readIn(server, apiOf, encoding, read)
    expect(said).toEqual(plain.said)
    expect(answer.headers.vary).toEqual(plain.answer.headers.vary)
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length))
    const pays = plain.answer.bytes.length >= 1_400
    expect(encodingOf(answer)).toBe(pays && !isSecret ? encoding : undefined)
  }
}
