import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const at = (path: string) => resolve(import.meta.dirname, path)
const out = process.env['KINTSUGI_OUT'] ?? at('out')

// Only packages under "dependencies" stay outside the bundles: those with native addons.
// Everything else is a devDependency and is bundled.
export default defineConfig({
  main: {
    build: {
      outDir: `${out}/main`,
      rolldownOptions: {
        input: {
          index: at('src-main/index.ts'),
          headless: at('src-main/headless.ts'),
          cli: at('src-main/cli/main.ts'),
          api: at('src-main/api.ts'),
          'cpu-worker': at('src-main/handset/service/cpu-worker.ts'),
          'delta-worker': at('src-main/delta/delta-worker.ts'),
          'campaign-worker': at('src-main/handset/service/campaign-worker.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: `${out}/preload`,
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: at('src-preload/index.ts') },
        // A sandboxed preload must be one CommonJS file, whatever package.json's "type" says.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    publicDir: at('resources/public'),
    plugins: [vue()],
    build: {
      outDir: `${out}/renderer`,
      emptyOutDir: true,
      rolldownOptions: { input: { index: at('src-renderer/index.html') } },
      minify: true,
    },
  },
})
