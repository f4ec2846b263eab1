// Builds the web page into dist/web, where the server looks for it. No inline assets: the content security policy is 'self'.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here('../package.json'), 'utf8')) as { version: string }

/** Tells the service worker which files belong to this build. The page itself is asked for as `./`. */
const serviceWorkerFiles: Plugin = {
  name: 'service-worker-files',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const files = Object.keys(bundle).filter((name) => name.startsWith('assets/') && !name.endsWith('.map'))
    const build = createHash('sha256')
    for (const name of files.sort()) build.update(name)
    const digest = build.digest('hex').slice(0, 16)
    const worker = bundle['service-worker.js']
    if (worker?.type !== 'chunk') throw new Error('the service worker is not in the build')
    worker.code = worker.code
      .replaceAll('__APP_FILES__', JSON.stringify(files.map((name) => `./${name}`)))
      .replaceAll('__APP_BUILD__', JSON.stringify(digest))
  },
}

export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [svelte({ configFile: here('svelte.config.js') }), serviceWorkerFiles],
  // The version that the page was built for: a server of another one makes it load itself anew, once.
  define: { __APP_VERSION__: JSON.stringify(version) },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rollupOptions: {
      input: { main: here('index.html'), 'service-worker': here('src/worker/service-worker.ts') },
      output: {
        // A worker's name stays: browsers ask for it again by its name.
        entryFileNames: (chunk) =>
          chunk.name === 'service-worker' ? 'service-worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
