import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own that is soon full. */
export interface Disk {
  folder: string
  free(): number
  resize(kb: number): void
  drop(): void
}

/** A disk of so many KB, or why there is none: only root may mount one. */
export function smallDisk(kb: number): Disk | { refused: string } {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'))
  const mount = (...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(), 'tmpfs', folder], { stdio: 'pipe' })
  try {
    mount(`size=${kb}k`)
  } catch (error) {
    rmdirSync(folder)
    return { refused: (error as Error).message.trim() }
  }
  return {
    folder,
    free: () => statfsSync(folder).bavail * statfsSync(folder).bsize,
    resize: larger => void mount('remount', `size=${larger}k`),
    drop() {
      execFileSync('umount', ['--lazy', folder])
      rmdirSync(folder)
    },
  }
}
