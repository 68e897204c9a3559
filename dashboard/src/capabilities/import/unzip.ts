import { Unzip, UnzipInflate } from 'fflate'

/** Number of compressed bytes that are unpacked before a pause. Compressed bytes expand at most a thousandfold. */
const pieceBytes = 16_384

export class ArchiveTooLarge extends Error {}

/**
 * Unpacks the wanted files of a ZIP archive in slices, so that the page stays responsive. Throws ArchiveTooLarge once
 * more than `maxBytes` are unpacked. Does not trust the file sizes that the archive states. Throws other errors if the
 * archive is damaged.
 */
export async function unzip(
  bytes: Uint8Array,
  isWanted: (name: string) => boolean,
  maxBytes: number,
): Promise<Map<string, Uint8Array[]>> {
  const files = new Map<string, Uint8Array[]>()
  let total = 0
  let ended = 0
  const archive = new Unzip(file => {
    if (!isWanted(file.name)) return
    const pieces: Uint8Array[] = []
    files.set(file.name, pieces)
    file.ondata = (error, piece, final) => {
      if (error) throw error
      total += piece.length
      if (total > maxBytes) throw new ArchiveTooLarge()
      pieces.push(piece)
      if (final) ended++
    }
    file.start()
  })
  archive.register(UnzipInflate)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    archive.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length)
    await pause()
  }
  if (ended < files.size) throw new Error('The archive is cut off.')
  return files
}

/** Time in ms after which unpacking or parsing yields to the page's event loop. */
const workMs = 20
let pausedAt = 0

/** Yields to the event loop if the page has worked for `workMs` without a pause. */
export async function pause(): Promise<void> {
  if (performance.now() - pausedAt < workMs) return
  await new Promise(resolve => setTimeout(resolve))
  pausedAt = performance.now()
}
