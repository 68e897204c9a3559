import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    // The page's policy allows no data: URLs and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
})
