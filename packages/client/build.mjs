// Compiles the package twice, to ES modules and to CommonJS. The package.json in each output folder tells Node.js and
// TypeScript which module format the folder has.
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const here = import.meta.dirname
const compiler = createRequire(import.meta.url).resolve('typescript/package.json')
rmSync(join(here, 'dist'), { recursive: true, force: true })
for (const [folder, type, module] of [
  ['esm', 'module', 'esnext'],
  ['cjs', 'commonjs', 'commonjs'],
]) {
  const outDir = join(here, 'dist', folder)
  const tsc = join(compiler, '../bin/tsc')
  // With CommonJS output, the compiler would refuse `import` and `export` statements under this option.
  const verbatim = ['--verbatimModuleSyntax', String(type === 'module')]
  const options = ['-p', here, '--module', module, ...verbatim, '--outDir', outDir]
  execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' })
  // In CommonJS, the compiler inserts "use strict" before 'use client'. Swap them, because Next.js and bundlers look
  // only at the first directive.
  const hooks = join(outDir, 'react.js')
  writeFileSync(hooks, readFileSync(hooks, 'utf8').replace(/^("use strict";\n)('use client';\n)/, '$2$1'))
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`)
}
copyFileSync(join(here, '../../LICENSE'), join(here, 'dist/LICENSE'))
