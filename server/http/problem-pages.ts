/** /problems and /problems/<slug>: what an error means, for people. Open to everybody; nothing in it comes from a request. */
import type { FastifyPluginAsync } from 'fastify'
import { LIVE_CLOSE_CODES } from '../wire/close-codes.ts'
import { isProblemSlug, PROBLEMS, problem } from './problems.ts'

export const problemPages: FastifyPluginAsync = async (app) => {
  app.get('/problems', { config: { access: 'open' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(indexPage()),
  )
  app.get<{ Params: { slug: string } }>(
    '/problems/:slug',
    { config: { access: 'open' }, schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params
      if (!isProblemSlug(slug)) throw problem('not-found')
      const { title, status, explanation } = PROBLEMS[slug]
      return reply
        .type('text/html; charset=utf-8')
        .send(
          page(
            title,
            `<p>Status ${status}</p><p>${escapeHtml(explanation)}</p><p><a href="/problems">All problems</a></p>`,
          ),
        )
    },
  )
}

function indexPage(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([slug, { title, status }]) =>
      `<tr><td>${status}</td><td><a href="/problems/${slug}">${escapeHtml(title)}</a></td></tr>`,
  )
  const codes = Object.values(LIVE_CLOSE_CODES).map(
    ({ code, meaning }) => `<tr><td>${code}</td><td>${escapeHtml(meaning)}</td></tr>`,
  )
  return page(
    'Problems',
    `<table>${rows.join('')}</table><h2>Close codes of the live socket</h2><table>${codes.join('')}</table>`,
  )
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1>${body}</html>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
