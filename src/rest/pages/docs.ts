import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import type { Request, Response } from 'express'
import { DomainError } from '../../domain/errors'
import { publicPath } from '../../http/base-path'
import { docsPolicy, staticAsset } from '../../http/static-assets'

const docsPage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Benefit-calculator sessions</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${publicPath('/docs/swagger-ui.css')}">
</head>
<body>
<div id="docs"></div>
<script src="${publicPath('/docs/swagger-ui-bundle.js')}"></script>
<script src="${publicPath('/docs/start.js')}"></script>
</body>
</html>
`

const startScript = (): string => `SwaggerUIBundle({
  url: '${publicPath('/openapi.json')}',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

const ofPackage = (name: string) => () => readFileSync(require.resolve(`swagger-ui-dist/${name}`))

const keptContent = (
  type: string,
  content: () => Buffer | string,
  more: Record<string, string> = {},
): RequestListener => staticAsset(content, { 'Content-Type': `${type}; charset=utf-8`, ...more })

const page = keptContent('text/html', docsPage, { 'Content-Security-Policy': docsPolicy })

const files: Record<string, RequestListener> = {
  'start.js': keptContent('text/javascript', startScript),
  'swagger-ui-bundle.js': keptContent('text/javascript', ofPackage('swagger-ui-bundle.js')),
  'swagger-ui.css': keptContent('text/css', ofPackage('swagger-ui.css')),
}

/** Serves the interactive API description at /docs. All of its files come from this server. */
export const docs = {
  page,

  file(request: Request, response: Response): void {
    const name = String(request.params.file)
    const file = Object.hasOwn(files, name) ? files[name] : undefined
    if (!file) throw new DomainError('route_not_found')
    file(request, response)
  },
}
