#!/usr/bin/env node
// This folder contains the server. docs/architecture.md describes each subfolder. The dashboard, the client package and
// the GraphiQL page are in `dashboard`, `packages/client` and `graphiql`.

import { setFlagsFromString } from 'node:v8'
import type { App } from './app'
import { StartupError } from './domain/errors'
import { printableLines } from './domain/limits'
import { escapedText } from './domain/text'
import { setBasePath } from './http/base-path'
import { runCommandLine } from './startup/command-line'
import { configOf, configWarnings } from './startup/config'
import { logger } from './startup/log'
import { Traces, traceId } from './telemetry/traces'

async function main(): Promise<void> {
  // Run a subcommand such as `import`, or print the help or the version.
  const exitCode = await runCommandLine(process.argv.slice(2), process.env)
  if (exitCode !== undefined) {
    process.exitCode = exitCode
    return
  }

  // By default, once many objects from one line of code have lived long, V8 allocates all objects from that line in the
  // old generation. If a request creates such an object, the whole request stays in memory until the next major garbage
  // collection. bench/results/single-changes.md has the cost.
  setFlagsFromString('--no-allocation-site-pretenuring')

  // Read the configuration and create the log.
  const config = configOf(process.env)
  setBasePath(config.BASE_PATH)
  // Set NODE_ENV before graphql-js and Express are imported, because they read it at import time. In production mode,
  // graphql-js and Express run fewer checks.
  process.env.NODE_ENV ??= 'production'
  // Import the app only now, because importing it takes most of the startup time, and commands such as `--help` don't
  // need it.
  const { startApp } = await import('./app.js')
  const log = logger(config.LOG_LEVEL, Traces.registered() && traceId)
  for (const warning of configWarnings(process.env)) log.warn(warning)

  // SIGTERM and SIGINT stop the server. SIGUSR2 backs up the data file.
  let app: App | undefined
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    const stopped = app?.stop() ?? Promise.resolve()
    stopped.then(
      () => process.exit(0),
      error => {
        log.fatal({ err: error }, 'shutdown failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGUSR2', () => app?.backup())
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  app = await startApp(config, log)
  const store = config.MONGODB_URI ? 'mongodb' : config.DATA_FILE
  log.info({ url: app.url, metrics: app.metricsUrl, store }, 'listening')
  try {
    await app.opened
  } catch (error) {
    stopping = true
    printError(error)
    await app.stop()
    process.exit(1)
  }
}

function printError(error: unknown): void {
  const text =
    error instanceof StartupError
      ? escapedText(error.message)
      : escapedText(String((error as Error).stack), printableLines)
  process.stderr.write(`${text}\n`)
}

main().catch((error: unknown) => {
  printError(error)
  process.exit(1)
})
