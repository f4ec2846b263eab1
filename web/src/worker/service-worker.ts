/**
 * The service worker: keeps the page itself, so that a screen that is switched on without a network still shows the board's
 * frame and reconnects by itself. Figures and everything below /api are never kept: what is old must not look alive.
 */
/** Files of this build, written in by the build; another build is another worker, and takes this one's place. */
declare const __APP_FILES__: readonly string[]
/** Of the contents of those files. */
declare const __APP_BUILD__: string

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void
}
interface FetchEvent extends WorkerEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

const worker = globalThis as unknown as EventTarget & {
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
}
const CACHE = `vigie-${__APP_BUILD__}`
/** A page that the server does not give within this time is taken from the cache: better the frame than a blank screen. */
const NAVIGATION_MS_MAX = 4_000

worker.addEventListener('install', (event) => {
  const kept = caches.open(CACHE).then((cache) => cache.addAll(['./', ...__APP_FILES__]))
  ;(event as WorkerEvent).waitUntil(kept.then(() => worker.skipWaiting()))
})

worker.addEventListener('activate', (event) => {
  const dropped = caches
    .keys()
    .then((names) =>
      Promise.all(
        names
          .filter((name) => name.startsWith('vigie-') && name !== CACHE)
          .map((name) => caches.delete(name)),
      ),
    )
  ;(event as WorkerEvent).waitUntil(dropped.then(() => worker.clients.claim()))
})

worker.addEventListener('fetch', (event) => {
  const fetching = event as FetchEvent
  const { request } = fetching
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate' && url.pathname === '/') fetching.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/')) fetching.respondWith(asset(request))
})

/** The newest page when the server answers soon, else the kept one. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match('./')
  try {
    const timeout = kept === undefined ? {} : { signal: AbortSignal.timeout(NAVIGATION_MS_MAX) }
    const answer = await fetch(request, timeout)
    if (answer.ok || kept === undefined) return answer
    return kept
  } catch (error) {
    if (kept === undefined) throw error
    return kept
  }
}

/** Names carry a hash of the content: what is kept under a name is right for ever. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}
