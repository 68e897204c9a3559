import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { verifiedDownload } from '../../scripts/verified-download'

const downloadLimitMs = 120_000

/**
 * Returns the file of a Debian package in a folder. Downloads the file if it is missing. An existing file must have the
 * digest that apt's index states now. apt has verified the signature of the index.
 */
export function debianPackage(name: string, folder: string): string {
  const download = ['-qq', 'download', name]
  const stated = execFileSync('apt-get', [...download, '--print-uris'], { stdio: 'pipe', encoding: 'utf8' })
  const [, fileName, digest] = /^'\S+' (\S+) \d+ SHA256:(\w{64})$/m.exec(stated) ?? []
  if (!fileName || !digest) throw new Error(`apt states no digest of its package ${name}`)
  const file = join(folder, fileName)
  verifiedDownload(file, digest, cwd =>
    execFileSync('apt-get', download, { cwd, stdio: 'pipe', timeout: downloadLimitMs }),
  )
  return file
}
