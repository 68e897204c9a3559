import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

export interface EncodedAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** Body as received, encoded. */
  bytes: Buffer
  /** Decoded body. */
  text: string
}

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  br: bytes => brotliDecompressSync(bytes),
  gzip: bytes => gunzipSync(bytes),
  identity: bytes => bytes,
}

/** Sends a request, and decodes the response according to its Content-Encoding. */
export function sendEncoded(
  url: string,
  method: string,
  path: string,
  headers = {},
  body?: string,
): Promise<EncodedAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const { statusCode: status = 0, headers } = response
        const encoding = method === 'HEAD' ? 'identity' : (headers['content-encoding'] ?? 'identity')
        const decode = decoders[encoding]
        if (decode) resolve({ status, headers, bytes, text: decode(bytes).toString() })
        else reject(new Error(`nobody asked for the encoding ${encoding}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
