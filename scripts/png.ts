import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/**
 * A screenshot in 256 of its colours, at a third of its size: what is flat keeps its colour, and the rims of letters get
 * the nearest. Takes 8 bits a channel without interlacing, as browsers write it (RFC 2083).
 */
export function smaller(png: Buffer): Buffer {
  const { width, height, channels, data } = decoded(png)
  const counts = new Map<number, number>()
  const colours = new Uint32Array(width * height)
  for (let i = 0; i < colours.length; i++) {
    const at = i * channels
    const colour = ((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number)
    colours[i] = colour
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const palette = chosen(counts)
  const indexes = new Map(palette.map((colour, index) => [colour, index]))
  const lines = Buffer.alloc((width + 1) * height) // each begins with its filter, 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colours[y * width + x] as number
      let index = indexes.get(colour)
      if (index === undefined) {
        index = nearest(palette, colour)
        indexes.set(colour, index)
      }
      lines[y * (width + 1) + 1 + x] = index
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8) // 8 bits, indexed
  const table = Buffer.from(palette.flatMap(channelsOf))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const channelsOf = (colour: number): [number, number, number] => [colour >> 16, (colour >> 8) & 255, colour & 255]

/** Of a picture's colours with their counts, those that all others are near to: each is the one that is missed most. */
function chosen(counts: Map<number, number>): number[] {
  const colours = [...counts.keys()]
  const missed = colours.map(() => Number.POSITIVE_INFINITY)
  const palette: number[] = []
  while (palette.length < Math.min(256, colours.length)) {
    let most = 0
    let next = 0
    for (let i = 0; i < colours.length; i++) {
      const weight = (missed[i] as number) * (counts.get(colours[i] as number) as number)
      if (weight > most) [most, next] = [weight, i]
    }
    const colour = colours[next] as number
    palette.push(colour)
    for (let i = 0; i < colours.length; i++) {
      missed[i] = Math.min(missed[i] as number, distance(colours[i] as number, colour))
    }
  }
  return palette
}

function distance(a: number, b: number): number {
  const [one, other] = [channelsOf(a), channelsOf(b)]
  return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2
}

function nearest(palette: number[], colour: number): number {
  let best = 0
  for (let i = 1; i < palette.length; i++) {
    if (distance(palette[i] as number, colour) < distance(palette[best] as number, colour)) best = i
  }
  return best
}

function decoded(png: Buffer): { width: number; height: number; channels: number; data: Buffer } {
  const parts: Buffer[] = []
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const [width, height, channels] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3]
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const data = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? (data[y * stride + x - channels] as number) : 0
      const up = y > 0 ? (data[(y - 1) * stride + x] as number) : 0
      const corner = x >= channels && y > 0 ? (data[(y - 1) * stride + x - channels] as number) : 0
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] as number
      data[y * stride + x] = (raw[y * (stride + 1) + 1 + x] as number) + predicted
    }
  }
  return { width, height, channels, data }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
