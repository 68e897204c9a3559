import { head, RawClient } from '../../support/raw'
import type { Reachable } from '../../support/server'
import { bodyOf, type Imported, importedIn, type Line, path } from './importing'

/** An import whose body is sent in parts. */
export class RawImport {
  private constructor(readonly client: RawClient) {}

  static async begin(
    server: Reachable,
    { bearer, query = '', via, from }: { bearer?: string; query?: string; via?: string; from?: string } = {},
  ) {
    const client = await RawClient.connect(server.url, { localAddress: from })
    const fields = ['Content-Type: application/x-ndjson', 'Transfer-Encoding: chunked', 'Connection: close']
    client.send(
      head(`POST ${path}${query}`, ...fields, ...(bearer ? [`Authorization: ${bearer}`] : []), ...(via ? [via] : [])),
    )
    return new RawImport(client)
  }

  /** Sends lines, or bytes as they are. */
  send(...lines: Line[]): this {
    return this.sendText(bodyOf(lines))
  }

  sendText(text: string): this {
    this.client.send(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
    return this
  }

  /** Ends the body. */
  end(): this {
    this.client.send('0\r\n\r\n')
    return this
  }

  /** Waits until the response has the outcomes of this many lines. */
  until(lines: number): Promise<void> {
    return this.client.until('"line":', lines)
  }

  /** Returns the response once the server has ended it. */
  async whole(): Promise<Imported> {
    const text = await this.client.whole
    const [top = '', ...chunks] = text.split('\r\n\r\n')
    const [status = '', ...fields] = top.split('\r\n')
    const headers = Object.fromEntries(fields.map(field => field.toLowerCase().split(': ')))
    return importedIn({ status: Number(status.split(' ')[1]), headers, text: unchunked(chunks.join('\r\n\r\n')) })
  }
}

/** Decodes a chunked body of ASCII text. */
function unchunked(text: string): string {
  let body = ''
  for (let at = 0; ; ) {
    const end = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, end), 16)
    if (size === 0) return body
    if (!(size > 0)) throw new Error(`no chunk at ${at}: ${text.slice(at, at + 100)}`)
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}
