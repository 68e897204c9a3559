import { defineConfig } from 'vite'

export default defineConfig({
  // Relative addresses, because only the running server knows its base path.
  base: './',
  build: {
    outDir: '../dist/dashboard',
    // tsc compiles modules that the tests import to the same folder. `npm run build` has emptied it before.
    emptyOutDir: false,
    // The Content-Security-Policy allows no data: URLs and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
})
