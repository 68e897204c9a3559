// Prints the problems that @asyncapi/parser finds in an AsyncAPI document. Exits with 1 if there are any.
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'))
for (const { path, message } of diagnostics) process.stdout.write(`${path.join('.')}: ${message}\n`)
process.stdout.write(`AsyncAPI ${document?.version()}, ${diagnostics.length} problems\n`)
process.exitCode = diagnostics.length === 0 ? 0 : 1
