// Checks the tools for assistants with the MCP Inspector: runs the commands in docs/how-to/clients.md with both
// generations of the MCP protocol. Without npm, the script skips the check and prints the reason. In CI, a missing npm
// is an error.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { sections, versions } from './clients/page.mjs'
import { kinds, kindsHere, pinned, run } from './clients/tools.mjs'
import { serve } from './served.mjs'

const name = 'MCP Inspector'
const version = pinned('npm', '@modelcontextprotocol/inspector')

if (versions[name] !== version)
  throw new Error(`docs/how-to/clients.md names version ${versions[name]} of ${name}, but the checks use ${version}.`)
if (kindsHere(['npm']).length > 0) {
  const folder = mkdtempSync(`${tmpdir()}/check-assistants-`)
  const server = await serve(folder, 0, { MCP: 'write' })
  try {
    await kinds.npm.install()
    for (const generation of ['legacy', 'modern']) {
      const commands = sections.Assistants.sh
        .replaceAll('http://127.0.0.1:4000', server.url)
        .replaceAll('--cli', `--cli --protocol-era ${generation} --format json`)
      const output = await run('sh', ['-ec', commands], { cwd: folder, HOME: folder })
      for (const expected of ['share_result', '"net_benefit":287.5'])
        if (!output.includes(expected)) throw new Error(`${name}, ${generation}: no ${expected} in\n${output}`)
      process.stdout.write(`${name} ${version}, ${generation} protocol: listed the tools and called one\n`)
    }
    if (server.errors() > 0) throw new Error(`The server logged ${server.errors()} errors.`)
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}
