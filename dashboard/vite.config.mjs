import { defineConfig } from 'vite'

export default defineConfig({
  // The server says where it stands.
  base: './',
  build: {
    outDir: '../dist/dashboard',
    // What tests import of the dashboard is compiled to the same folder; a build begins with none.
    emptyOutDir: false,
    // The page's policy allows no data: URLs and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
})
