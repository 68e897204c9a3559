import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Copy } from '../store'
import type { EmbeddedFile } from './file'

/**
 * Copies the file as it is at the end of the copying, some pages a turn, while it is read and written. The copy stands beside
 * it, in the place of a former one, once it is whole.
 */
export async function backup({ db, path }: EmbeddedFile): Promise<Copy> {
  const file = `${path}.backup`
  const part = `${file}.part`
  rmSync(part, { force: true })
  // SQLite gives it the mode that it finds.
  closeSync(openSync(part, 'wx', 0o600))
  try {
    await db.backup(part)
    renameSync(part, file)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
  return { file, bytes: statSync(file).size }
}
