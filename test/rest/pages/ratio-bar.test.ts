import fc from 'fast-check'
import type { Picture } from '../../../src/rest/pages/break-even'
import { ratioBar } from '../../../src/rest/pages/ratio-bar'
import { ratioBar as texts } from '../../../src/rest/pages/words/en'
import { expectReadable, expectWithin } from '../../support/pictures'

const formats = { money: (amount: number): string => `£${amount.toFixed(2)}` }
const bar = (low: number | null, stated: number | null, high: number | null) =>
  ratioBar({ low, stated, high }, formats, texts, 640)

test('the bar goes from the lowest to the highest ratio, and marks the stated one and break-even', () => {
  const { title, label, shapes } = bar(0.5, 1.25, 2) as Picture
  expect(title).toBe('Between £0.50 and £2.00 for every £1.00')
  expect(label).toBe('From £0.50 to £2.00. The stated value per hour gives £1.25. Value and cost are equal at £1.00.')
  expect(shapes.flatMap(({ text }) => text ?? [])).toEqual(['£1.25', 'break-even at £1.00'])
  const at = (ratio: number): number => Math.round((8 + (ratio / 2.08) * 624) * 10) / 10
  const [range] = shapes.filter(({ attributes }) => attributes.stroke === 'var(--value)')
  const [equal] = shapes.filter(({ attributes }) => attributes.stroke === 'var(--ink)')
  const [dot] = shapes.filter(({ element }) => element === 'circle')
  expect(range?.attributes).toMatchObject({ x1: at(0.5), x2: at(2) })
  expect(equal?.attributes).toMatchObject({ x1: at(1), x2: at(1) })
  expect(dot?.attributes).toMatchObject({ cx: at(1.25) })
})

test.each([
  ['without a ratio', null, null, null],
  ['if both ends have the same ratio', 4.29, 4.29, 4.29],
])('%s there is no bar', (_, low, stated, high) => {
  expect(bar(low, stated, high)).toBeNull()
})

test('for any ratios, no line crosses a label, no label overlaps another, and all lies within the picture', () => {
  const ratio = fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 2.4e11, noNaN: true }))
  fc.assert(
    fc.property(fc.uniqueArray(ratio, { minLength: 2, maxLength: 3 }), fc.constantFrom(460, 640), (ratios, width) => {
      const [low = 0, stated = 0, high = stated] = ratios.toSorted((a, b) => a - b)
      const { shapes, viewBox } = ratioBar({ low, stated, high }, formats, texts, width) as Picture
      expectReadable(shapes, width as 460 | 640)
      expectWithin(shapes, viewBox)
    }),
  )
})
