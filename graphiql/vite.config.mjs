import { defineConfig } from 'vite'

export default defineConfig({
  // Relative addresses, because only the running server knows its base path.
  base: './',
  root: import.meta.dirname,
  logLevel: 'error',
  build: { outDir: '../dist/graphiql', emptyOutDir: true, chunkSizeWarningLimit: 5_000 },
})
