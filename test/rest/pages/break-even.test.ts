import fc from 'fast-check'
import { breakEvenPicture, type CostAndValue, type Shape } from '../../../src/rest/pages/break-even'
import { picture } from '../../../src/rest/pages/words/en'
import { expectReadable, expectWithin } from '../../support/pictures'

const figure = (value: number): string => value.toFixed(2)
const formats = { money: figure, figure, number: String }
const example: CostAndValue = { avgMinutes: 30, costPerSession: 3.5, costPerHour: 30, breakEvenMinutes: 7 }
const texts = (shapes: Shape[]) => shapes.flatMap(({ text }) => text ?? [])

test('the plot has a text alternative', () => {
  const { label, shapes } = breakEvenPicture(example, formats, picture, 640)
  expect(label).toBe('A session of 30 minutes costs 3.50 and is worth 15.00. Value and cost are equal at 7.00 minutes.')
  expect(texts(shapes)).toEqual([
    'value per session',
    'cost per session, 3.50',
    'break-even at 7.00 minutes',
    '30 minutes, worth 15.00',
  ])
})

test('a break-even length that is missing or far beyond the session is not drawn', () => {
  const none = breakEvenPicture({ ...example, costPerHour: 0, breakEvenMinutes: null }, formats, picture, 640)
  expect(none.label).toBe('A session of 30 minutes costs 3.50 and is worth 0.00.')
  const far = breakEvenPicture({ ...example, costPerSession: 500, breakEvenMinutes: 1_000 }, formats, picture, 640)
  expect(far.label).toMatch(/equal at 1000\.00 minutes/)
  for (const { shapes } of [none, far]) expect(texts(shapes).join()).not.toMatch(/break-even/)
})

const amount = fc.double({ min: 0, max: 1e6, noNaN: true })
const costAndValue = fc.record({
  avgMinutes: fc.double({ min: 0, max: 1_440, noNaN: true }),
  costPerSession: amount,
  costPerHour: amount,
  breakEvenMinutes: fc.option(amount),
})

test('for any costs and values, no line crosses a label, and no label overlaps another', () => {
  fc.assert(
    fc.property(costAndValue, fc.constantFrom(460 as const, 640 as const), (stated, width) => {
      const { shapes } = breakEvenPicture(stated, formats, picture, width)
      expectReadable(shapes, width)
    }),
  )
})

test('for any costs and values, the whole plot lies within the picture', () => {
  fc.assert(
    fc.property(costAndValue, fc.constantFrom(460, 640), (stated, width) => {
      const { shapes, viewBox } = breakEvenPicture(stated, formats, picture, width)
      expectWithin(shapes, viewBox)
    }),
  )
})
