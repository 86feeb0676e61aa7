import { defineConfig } from 'vite';

/** The console as static files, served by `src/api/console.ts`: no inline script or style, no address but our own. */
export default defineConfig({
  root: 'src/console',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined file would be a data: address, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
