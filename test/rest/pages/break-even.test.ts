import fc from 'fast-check'
import { breakEvenPicture, type CostAndValue, type Shape } from '../../../src/rest/pages/break-even'
import { picture } from '../../../src/rest/pages/words/en'

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

/** The largest font size on a page of each width of the picture, in its units: on a phone. */
const largestFont = { 460: 16, 640: 21 } as const

type Box = { left: number; right: number; top: number; bottom: number }
const numbersOf = ({ attributes }: Shape, ...names: string[]): number[] => names.map(name => Number(attributes[name]))

function boxOf(shape: Shape, font: number): Box {
  const [x = 0, y = 0] = numbersOf(shape, 'x', 'y')
  const wide = (shape.text?.length ?? 0) * font * 0.5
  const before = { start: 0, middle: wide / 2, end: wide }[String(shape.attributes['text-anchor'])] ?? 0
  return { left: x - before, right: x - before + wide, top: y - font * 0.75, bottom: y + font * 0.2 }
}

const crosses = (line: Shape, box: Box): boolean => {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbersOf(line, 'x1', 'y1', 'x2', 'y2')
  return Array.from({ length: 201 }, (_, i) => [x1 + ((x2 - x1) * i) / 200, y1 + ((y2 - y1) * i) / 200]).some(
    ([x = 0, y = 0]) => x > box.left && x < box.right && y > box.top && y < box.bottom,
  )
}

test('for any costs and values, no line crosses a label, and no label overlaps another', () => {
  fc.assert(
    fc.property(costAndValue, fc.constantFrom(460 as const, 640 as const), (stated, width) => {
      const { shapes } = breakEvenPicture(stated, formats, picture, width)
      const boxes = shapes.filter(({ text }) => text).map(shape => boxOf(shape, largestFont[width]))
      const lines = shapes.filter(({ element }) => element === 'line')
      for (const [i, box] of boxes.entries()) {
        expect(lines.filter(line => crosses(line, box))).toEqual([])
        for (const other of boxes.slice(i + 1)) {
          const apart =
            box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top
          expect(apart).toBe(true)
        }
      }
    }),
  )
})

test('for any costs and values, the whole plot lies within the picture', () => {
  fc.assert(
    fc.property(costAndValue, fc.constantFrom(460, 640), (stated, width) => {
      const { shapes, viewBox } = breakEvenPicture(stated, formats, picture, width)
      const height = Number(viewBox.split(' ')[3])
      for (const { attributes } of shapes) {
        for (const [name, value] of Object.entries(attributes)) {
          const [, axis] = /^c?([xy])[12]?$/.exec(name) ?? []
          if (!axis) continue
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(axis === 'x' ? width : height)
        }
      }
    }),
  )
})
