import { packed, unpacked } from '../../../src/db/mongo/packed'

test('a member that is an array, which would be lost, cannot be packed', () => {
  // @ts-expect-error: the type checker refuses the array
  expect(unpacked(['a'], packed(['a'], { a: [1] }))).not.toEqual({ a: [1] })
})
