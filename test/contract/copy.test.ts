import { existsSync, readFileSync } from 'node:fs'
import { contract, copy, endpoint, published } from '../support/contract'

const beside = existsSync(published)
if (!beside) process.stderr.write(`Not compared: there is no published contract at ${published}.\n`)
const whenBeside = beside ? test : test.skip

whenBeside('the copy of the contract is the published contract, byte for byte', () => {
  expect(readFileSync(copy, 'utf8')).toBe(readFileSync(published, 'utf8'))
})

test('the contract lists five endpoints, and each can be looked up', () => {
  expect(contract.endpoints.map(({ method, path }) => endpoint(method, path))).toEqual(contract.endpoints)
  expect(contract.endpoints).toHaveLength(5)
})

test('an endpoint that the contract does not list is not found', () => {
  expect(() => endpoint('DELETE', '')).toThrow('the contract has no DELETE /')
})
