/** Hands a command line to the server that holds the folder. Undefined when no server answers there. */
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { CommandIo } from './command.ts'
import {
  type ControlReply,
  type ControlRequest,
  controlSocketPath,
  FORWARDED_ENV,
} from './control-protocol.ts'

export async function forwardCommand(
  dataDir: string,
  commandLine: readonly string[],
  io: CommandIo,
): Promise<number | undefined> {
  const socket = await connect(controlSocketPath(dataDir))
  if (socket === undefined) return undefined
  const stop = () => socket.destroy()
  io.signal.addEventListener('abort', stop)
  try {
    const request: ControlRequest = { argv: commandLine, cwd: io.cwd, env: forwardedEnvironment(io.env) }
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
      const reply = JSON.parse(line) as ControlReply
      if ('status' in reply) return reply.status
      if ('out' in reply) io.stdout.write(Buffer.from(reply.out, 'base64'))
      else io.stderr.write(Buffer.from(reply.err, 'base64'))
    }
    throw new Error('the server went away before the command was done; what it had done stays')
  } finally {
    io.signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

/** A socket file without a server behind it (after a kill) refuses: then the folder is free. */
function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      socket.on('error', () => undefined)
      resolve(socket)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const nobody = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'].includes(error.code ?? '')
      if (nobody) resolve(undefined)
      else reject(new Error(`the server that holds this folder cannot be reached: ${error.message}`))
    })
  })
}

function forwardedEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const forwarded: Record<string, string> = {}
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && FORWARDED_ENV.test(name)) forwarded[name] = value
  return forwarded
}
