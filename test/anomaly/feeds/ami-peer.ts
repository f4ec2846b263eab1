/** A small Asterisk manager on the loopback: signs in by challenge, plays blocks cut anywhere, and breaks connections. */
import { createHash } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'

export interface AmiPeer {
  readonly port: number
  /** Actions received, as field maps. */
  readonly actions: ReadonlyMap<string, string>[]
  /** Answer of QueueStatus and CoreShowChannels at the next sign-in: bodies of events, without ActionID. */
  queueRows: string[]
  /** Null: listing channels is refused. */
  channelRows: string[] | null
  connections: number
  answerPings: boolean
  /** As while the telephone system starts: whoever comes is turned away. */
  refuseSignIns: boolean
  play(text: string, pieceBytes?: number): void
  breakConnections(): void
  close(): Promise<void>
}

export async function startAmiPeer(username: string, secret: string): Promise<AmiPeer> {
  const sockets = new Set<Socket>()
  const signedIn = new Set<Socket>()
  const server: Server = createServer()
  const peer: AmiPeer = {
    port: 0,
    actions: [],
    queueRows: [],
    channelRows: [],
    connections: 0,
    answerPings: true,
    refuseSignIns: false,
    play(text, pieceBytes = Number.POSITIVE_INFINITY) {
      const bytes = Buffer.from(text)
      for (const socket of signedIn) {
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          socket.write(bytes.subarray(at, Math.min(bytes.length, at + pieceBytes)))
        }
      }
    },
    breakConnections() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  server.on('connection', (socket) => {
    peer.connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      signedIn.delete(socket)
    })
    socket.write('Asterisk Call Manager/9.0.0\r\n')
    let buffered = ''
    const challenge = '118729573'
    socket.on('data', (chunk) => {
      buffered += chunk.toString()
      for (let end = buffered.indexOf('\r\n\r\n'); end >= 0; end = buffered.indexOf('\r\n\r\n')) {
        const fields = new Map(
          buffered
            .slice(0, end)
            .split('\r\n')
            .map((line): [string, string] => [
              line.slice(0, line.indexOf(': ')),
              line.slice(line.indexOf(': ') + 2),
            ]),
        )
        buffered = buffered.slice(end + 4)
        peer.actions.push(fields)
        answer(socket, fields)
      }
    })
    function answer(to: Socket, fields: ReadonlyMap<string, string>): void {
      const id = `ActionID: ${fields.get('ActionID') ?? ''}\r\n`
      const events = (rows: readonly string[], complete: string) =>
        to.write(
          `Response: Success\r\n${id}\r\n${rows.map((row) => `${row}\r\n${id}\r\n`).join('')}Event: ${complete}\r\n${id}\r\n`,
        )
      switch (fields.get('Action')) {
        case 'Challenge':
          to.write(`Response: Success\r\n${id}Challenge: ${challenge}\r\n\r\n`)
          break
        case 'Login': {
          const key = createHash('md5').update(`${challenge}${secret}`).digest('hex')
          if (peer.refuseSignIns || fields.get('Username') !== username || fields.get('Key') !== key) {
            to.end(`Response: Error\r\n${id}Message: Authentication failed\r\n\r\n`)
            break
          }
          signedIn.add(to)
          to.write(
            `Response: Success\r\n${id}Message: Authentication accepted\r\n\r\nEvent: FullyBooted\r\nStatus: Fully Booted\r\n\r\n`,
          )
          break
        }
        case 'QueueStatus':
          events(peer.queueRows, 'QueueStatusComplete')
          break
        case 'CoreShowChannels':
          if (peer.channelRows === null)
            to.write(`Response: Error\r\n${id}Message: Permission denied\r\n\r\n`)
          else events(peer.channelRows, 'CoreShowChannelsComplete')
          break
        case 'Ping':
          if (peer.answerPings) to.write(`Response: Success\r\n${id}Ping: Pong\r\n\r\n`)
          break
        default:
          to.write(`Response: Success\r\n${id}\r\n`)
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return Object.assign(peer, { port: address !== null && typeof address === 'object' ? address.port : 0 })
}

/** A block of the wire. */
export function block(fields: Readonly<Record<string, string | number>>): string {
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n`
}
