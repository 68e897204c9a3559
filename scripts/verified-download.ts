import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Whether a file exists and has this SHA-256 digest. */
export const hasDigest = (file: string, digest: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isFile() === true &&
  createHash('sha256').update(readFileSync(file)).digest('hex') === digest

/**
 * Ensures that a file exists and has this SHA-256 digest. If it is missing or differs, calls `download`, which must
 * save the file under the same name in the given folder. Throws and keeps no file if the downloaded file has another
 * digest. Call this before each use, because it also checks a file from an earlier run.
 */
export function verifiedDownload(file: string, digest: string, download: (folder: string) => void): void {
  if (hasDigest(file, digest)) return
  const [home, name] = [dirname(file), basename(file)]
  mkdirSync(home, { recursive: true })
  rmSync(file, { recursive: true, force: true })
  const folder = mkdtempSync(join(home, 'part-'))
  try {
    download(folder)
    if (!hasDigest(join(folder, name), digest))
      throw new Error(`${name} is not the expected file: its digest is another`)
    renameSync(join(folder, name), file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether a folder has these files with these SHA-256 digests, and nothing else. */
export const hasExactly = (folder: string, digests: Readonly<Record<string, string>>): boolean =>
  existsSync(folder) &&
  readdirSync(folder).toSorted().join() === Object.keys(digests).toSorted().join() &&
  Object.entries(digests).every(([name, digest]) => hasDigest(join(folder, name), digest))
