import { readFileSync } from 'node:fs'
import type { Request, Response } from 'express'
import { DomainError } from '../domain/errors'
import { fixed } from './fixed'

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Benefit-calculator sessions</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

const ofPackage = (name: string) => () => readFileSync(require.resolve(`swagger-ui-dist/${name}`))

const page = fixed('text/html; charset=utf-8', () => html)

const files: Record<string, ReturnType<typeof fixed>> = {
  'start.js': fixed('text/javascript; charset=utf-8', () => start),
  'swagger-ui-bundle.js': fixed('text/javascript; charset=utf-8', ofPackage('swagger-ui-bundle.js')),
  'swagger-ui.css': fixed('text/css; charset=utf-8', ofPackage('swagger-ui.css')),
}

/** The description to read and try, at /docs, with all of its files from this server. */
export const docs = {
  page(request: Request, response: Response): void {
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    page(request, response)
  },

  file(request: Request, response: Response): void {
    const name = String(request.params.file)
    const file = Object.hasOwn(files, name) ? files[name] : undefined
    if (!file) throw new DomainError('route_not_found')
    file(request, response)
  },
}
