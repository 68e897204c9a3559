import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import type { BackupFile } from '../store'
import type { EmbeddedFile } from './file'

/**
 * Copies the file, some pages per turn, while it is read and written. The copy shows the file as of the end of the
 * copying. Once complete, it replaces the previous copy beside the file.
 */
export async function backup({ db, path }: EmbeddedFile): Promise<BackupFile> {
  const file = `${path}.backup`
  const part = `${file}.part`
  rmSync(part, { force: true })
  // SQLite keeps the mode of an existing file.
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
