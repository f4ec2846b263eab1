/** The server's end of the local socket: runs the commands that others bring, with this server's own services. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import type { DataServices } from '../data-services.ts'
import type { CommandIo } from './command.ts'
import { lendServices } from './command-services.ts'
import {
  type ControlReply,
  type ControlRequest,
  controlSocketPath,
  REQUEST_BYTES_MAX,
} from './control-protocol.ts'
import { DATA_COMMANDS } from './data-commands.ts'
import { runCommand } from './run-command.ts'

const COMMANDS_AT_ONCE_MAX = 16

export interface ControlSocket {
  close(): Promise<void>
}

export async function openControlSocket(services: DataServices, url: string): Promise<ControlSocket> {
  const path = controlSocketPath(services.location.dataDir)
  // The folder's lock is ours, so a file here is what a killed server left.
  rmSync(path, { force: true })
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    if (open.size >= COMMANDS_AT_ONCE_MAX) {
      socket.end(replyLine({ status: 2 }))
      return
    }
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    serveOne(socket, services, url).catch(() => socket.destroy())
  })
  await listen(server, path)
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => {
          rmSync(path, { force: true })
          resolve()
        })
      }),
  }
}

/** The mask makes the file private from its first instant; the mode then says so again. */
async function listen(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => resolve())
    })
  } finally {
    process.umask(mask)
  }
  chmodSync(path, 0o600)
}

async function serveOne(socket: Socket, services: DataServices, url: string): Promise<void> {
  const request = await readRequest(socket)
  const controller = new AbortController()
  socket.on('close', () => controller.abort('the caller went away'))
  const stdin = new PassThrough()
  stdin.end()
  const io: CommandIo = {
    stdin,
    stdout: channel(socket, (text) => ({ out: text })),
    stderr: channel(socket, (text) => ({ err: text })),
    cwd: request.cwd,
    // Links lead to this server, unless the caller knows the address that people use.
    env: { VIGIE_URL: url, ...request.env },
    signal: controller.signal,
  }
  lendServices(io, services)
  const [name = '', ...argv] = request.argv
  const entry = Object.hasOwn(DATA_COMMANDS, name) ? DATA_COMMANDS[name] : undefined
  if (entry === undefined) io.stderr.write(`vigie: a running server does not take the command "${name}"\n`)
  const status = entry === undefined ? 2 : await runCommand(name, entry, argv, io)
  socket.end(replyLine({ status }))
}

function readRequest(socket: Socket): Promise<ControlRequest> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => {
      text += part
      const end = text.indexOf('\n')
      if (end >= 0) {
        socket.removeAllListeners('data')
        resolve(JSON.parse(text.slice(0, end)) as ControlRequest)
      } else if (text.length > REQUEST_BYTES_MAX) reject(new Error('request too large'))
    })
    socket.on('close', () => reject(new Error('closed')))
  })
}

function replyLine(reply: ControlReply): string {
  return `${JSON.stringify(reply)}\n`
}

/** A stream of the command, carried as lines; waits while the caller does not read. */
function channel(socket: Socket, wrap: (base64: string) => ControlReply): Writable {
  return new Writable({
    write(part: Buffer, _encoding, done) {
      if (socket.destroyed) done()
      else socket.write(replyLine(wrap(part.toString('base64'))), () => done())
    },
  })
}
