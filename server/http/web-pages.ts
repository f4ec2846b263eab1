/** The built web page: `/` and its hashed assets. Open to everybody, for it holds no figure. */
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { problem } from './problems.ts'

export const webPages: FastifyPluginAsync<{ readonly webDir: string }> = async (app, { webDir }) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'open' }
    route.schema = { ...route.schema, hide: true }
  })
  if (!existsSync(webDir)) {
    app.get('/', async () => {
      throw problem('not-found', 'The web page is not built: run "npm run build".')
    })
    return
  }
  await app.register(fastifyStatic, {
    root: webDir,
    // One route a file, made at start: nothing else of the folder can be asked for.
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Assets carry a hash in their name; the page itself must always be asked for again.
      const hashed = /[\\/]assets[\\/]/.test(path)
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
