import { MongoConnection } from '../../../src/db/mongo/connection'

class Base {
  async inherited(): Promise<void> {}
}

class Part extends Base {
  readonly own = async (): Promise<void> => {}
  async method(): Promise<void> {}
  async *generator(): AsyncGenerator<number> {
    yield 1
  }
}

test('each operation of a part waits for the store to open, wherever the operation is defined', async () => {
  const { inherited, own, method, generator } = new MongoConnection('mongodb://localhost').admitting(new Part())
  const calls = [inherited, own, method, () => generator().next()]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'unavailable' })
})
