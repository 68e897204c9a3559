import { defineConfig } from 'vite'

export default defineConfig({
  // The server says where it stands.
  base: './',
  root: import.meta.dirname,
  logLevel: 'error',
  build: { outDir: '../dist/graphiql', emptyOutDir: true, chunkSizeWarningLimit: 5_000 },
})
