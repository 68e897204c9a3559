import { Deadline } from '../src/deadline'
import { Lanes } from '../src/lanes'
import { Documents } from '../src/resolvers/documents'
import { schema } from '../src/resolvers/schema'

test('a thousand changes of one session wait behind each other, and one more is told that it cannot', async () => {
  const lanes = new Lanes()
  const take = <T>(name: string, work: () => Promise<T>): Promise<T> => lanes.take(name, new Deadline(), work)
  const order: number[] = []
  let open = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const waiting = Array.from({ length: 1_000 }, (_, i) =>
    take('session', async () => {
      await gate
      order.push(i)
    }),
  )
  await expect(take('session', async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  await expect(take('another session', async () => 'served')).resolves.toBe('served')
  open()
  await Promise.all(waiting)
  expect(order).toEqual(order.map((_, i) => i))
  await expect(take('session', async () => 'served')).resolves.toBe('served')
})

test('a document is parsed once while it is among the latest thousand', () => {
  const documents = new Documents(schema)
  const first = documents.admit('{ __typename }', {})
  expect(documents.admit('{ __typename }', {})).toBe(first)
  for (let i = 0; i < 1_000; i++) documents.admit(`query Number${i} { __typename }`, {})
  const again = documents.admit('{ __typename }', {})
  expect(again).not.toBe(first)
  expect(again).toEqual(first)
})
