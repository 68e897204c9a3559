import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { publicPath } from '../../http/base-path'
import { docsPolicy, staticAsset } from '../../http/static-assets'

const pageText = (): string => `<!doctype html>
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

const asset = (type: string, content: () => Buffer | string, more: Record<string, string> = {}): RequestListener =>
  staticAsset(content, { 'Content-Type': `${type}; charset=utf-8`, ...more })

const packageFile = (name: string) => () => readFileSync(require.resolve(`swagger-ui-dist/${name}`))

/** This server serves all files of the API docs page. */
export const docsPage = asset('text/html', pageText, { 'Content-Security-Policy': docsPolicy })

export const docsFiles: ReadonlyMap<string, RequestListener> = new Map([
  ['start.js', asset('text/javascript', startScript)],
  ['swagger-ui-bundle.js', asset('text/javascript', packageFile('swagger-ui-bundle.js'))],
  ['swagger-ui.css', asset('text/css', packageFile('swagger-ui.css'))],
])
