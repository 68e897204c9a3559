import type { Shape } from '../../src/rest/pages/break-even'

/**
 * The largest font size, in units of the picture, on a page with a picture of each width. A phone has the largest one.
 */
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

/** Expects that no line crosses a label, and that no label overlaps another. */
export function expectReadable(shapes: Shape[], width: keyof typeof largestFont): void {
  const boxes = shapes.filter(({ text }) => text).map(shape => boxOf(shape, largestFont[width]))
  const lines = shapes.filter(({ element }) => element === 'line')
  for (const [i, box] of boxes.entries()) {
    expect(lines.filter(line => crosses(line, box))).toEqual([])
    for (const other of boxes.slice(i + 1)) {
      const apart = box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top
      expect(apart).toBe(true)
    }
  }
}

/** Expects that all shapes lie within the picture. */
export function expectWithin(shapes: Shape[], viewBox: string): void {
  const width = Number(viewBox.split(' ')[2])
  const height = Number(viewBox.split(' ')[3])
  for (const { attributes } of shapes) {
    for (const [name, value] of Object.entries(attributes)) {
      const [, axis] = /^c?([xy])[12]?$/.exec(name) ?? []
      if (!axis) continue
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(axis === 'x' ? width : height)
    }
  }
}
