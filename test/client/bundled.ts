import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(__dirname, '../../..')

/** Bundles a module for a page, with vite. Its exports are members of the global `client`. */
export async function bundled(entry: string, mode: 'production' | 'development' = 'production'): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'bundle-'))
  const lib = { entry, name: 'client', formats: ['iife'], fileName: 'client' }
  const options = {
    configFile: false,
    logLevel: 'error',
    mode,
    // A library leaves this to the page.
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    build: { outDir, lib },
  }
  const program = `import { build } from 'vite'; await build(${JSON.stringify(options)})`
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root })
  const code = readFileSync(join(outDir, 'client.iife.js'), 'utf8')
  rmSync(outDir, { recursive: true })
  return code
}
