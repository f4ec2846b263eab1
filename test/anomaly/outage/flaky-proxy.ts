/** Stands between the program and its database, and can be taken away: refused at once, or swallowing everything. */
import { createServer, connect as dial, type Socket } from 'node:net'

export interface FlakyProxy {
  readonly port: number
  /** `cut`: connections break and new ones are refused. `silent`: nothing gets through, nobody is told. */
  go(away: 'cut' | 'silent'): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

export async function startFlakyProxy(targetPort: number): Promise<FlakyProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let silent = false
  const server = createServer((near) => {
    const far = dial(targetPort, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    const end = () => {
      near.destroy()
      far.destroy()
      pairs.delete(pair)
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    near.pipe(far)
    far.pipe(near)
    if (silent) for (const socket of pair) socket.pause()
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  const stopListening = () => new Promise<void>((resolve) => server.close(() => resolve()))
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  let away: 'cut' | 'silent' | null = null
  return {
    port,
    async go(how) {
      away = how
      if (how === 'silent') {
        silent = true
        for (const [near, far] of pairs) {
          near.unpipe(far)
          far.unpipe(near)
          near.pause()
          far.pause()
        }
        return
      }
      const stopped = stopListening()
      for (const [near] of pairs) near.destroy()
      await stopped
    },
    async comeBack() {
      silent = false
      if (away === 'cut') await listen(port)
      for (const [near, far] of pairs) {
        near.pipe(far)
        far.pipe(near)
        near.resume()
        far.resume()
      }
      away = null
    },
    async close() {
      for (const [near] of pairs) near.destroy()
      if (away !== 'cut') await stopListening()
    },
  }
}
