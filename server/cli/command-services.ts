/**
 * Where a command gets its data from: inside a running server from that server; else through the server that holds the
 * folder; else by opening the folder (or the PostgreSQL server) itself.
 */
import { type DataLocation, type DataServices, openDataServices } from '../data-services.ts'
import { realClock } from '../domain/clock.ts'
import type { CommandIo } from './command.ts'
import { forwardCommand } from './control-client.ts'

/** A command that came through a server's control socket finds that server's services here. */
const servicesByIo = new WeakMap<CommandIo, DataServices>()

export function lendServices(io: CommandIo, services: DataServices): void {
  servicesByIo.set(io, services)
}

export function runsInServer(io: CommandIo): boolean {
  return servicesByIo.has(io)
}

export async function withDataServices(
  io: CommandIo,
  /** The whole command line, for a server that holds the folder. */
  commandLine: readonly string[],
  location: DataLocation,
  run: (services: DataServices) => Promise<number>,
): Promise<number> {
  const lent = servicesByIo.get(io)
  if (lent !== undefined) return run(lent)
  if (location.databaseUrl === undefined) {
    const status = await forwardCommand(location.dataDir, commandLine, io)
    if (status !== undefined) return status
  }
  const services = await openDataServices({
    location,
    role: 'command',
    migrate: false,
    clock: realClock,
    log: (message, error) => io.stderr.write(`vigie: ${message}: ${String(error)}\n`),
  })
  try {
    const status = await run(services)
    await services.ingest.drain()
    return status
  } finally {
    await services.database.close()
  }
}
