/** The server side of the live bench in a process of its own: requests and answers by messages of Node's own channel. */
import { createServerSide, type ServerSide } from './server-side.ts'

export interface SideRequest {
  readonly id: number
  readonly method: keyof ServerSide
  readonly argument: unknown
}

export type SideReply = { readonly id: number } & ({ readonly value: unknown } | { readonly failure: string })

const side = createServerSide()

process.on('message', (request: SideRequest) => {
  const method = side[request.method] as (argument: unknown) => Promise<unknown>
  method(request.argument).then(
    (value) => process.send?.({ id: request.id, value }),
    (error: unknown) =>
      process.send?.({ id: request.id, failure: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
