// Starts the built server with its own data file and port, for the tools that check it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * Starts the server with its data in `folder`, on `port` (0: any free port), and with the environment variables in
 * `more`. In the result, `errors()` returns the number of errors that the server has logged.
 */
export async function serve(folder, port = 0, more = {}) {
  let internal = 0
  const server = spawn(process.execPath, ['dist/src/main.js'], {
    env: {
      PATH: process.env.PATH,
      PORT: `${port}`,
      DATA_FILE: join(folder, 'sessions.db'),
      LOG_LEVEL: 'info',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise((resolve, reject) => {
    server.once('exit', code => reject(new Error(`the server ended with ${code}`)))
    createInterface(server.stdout).on('line', line => {
      const said = JSON.parse(line)
      if (said.msg === 'listening') resolve(said.url)
      if (said.level === 'error') internal++
    })
  })
  return {
    url,
    errors: () => internal,
    async stop(signal = 'SIGTERM') {
      server.kill(signal)
      await new Promise(resolve =>
        server.exitCode === null && server.signalCode === null ? server.once('exit', resolve) : resolve(),
      )
    },
  }
}
