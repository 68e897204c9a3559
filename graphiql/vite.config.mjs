import { defineConfig } from 'vite'

export default defineConfig({
  base: '/graphiql/',
  root: import.meta.dirname,
  logLevel: 'error',
  build: { outDir: '../dist/graphiql', emptyOutDir: true, chunkSizeWarningLimit: 5_000 },
})
