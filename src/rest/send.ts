import type { ServerResponse } from 'node:http'

/** Answers with JSON. The length is stated for HEAD too (RFC 9110 §9.3.2). */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json; charset=utf-8',
): void {
  const text = JSON.stringify(body)
  response.statusCode = status
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
