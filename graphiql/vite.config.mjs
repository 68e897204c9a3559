import { defineConfig } from 'vite'

export default defineConfig({
  // Use relative URLs, because the server's base path is known only at run time.
  base: './',
  root: import.meta.dirname,
  logLevel: 'error',
  build: { outDir: '../dist/graphiql', emptyOutDir: true, chunkSizeWarningLimit: 5_000 },
})
