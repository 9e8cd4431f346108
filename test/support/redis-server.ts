/** A redis-server of a test's own, on a port of 127.0.0.1: Debian's `redis-server`, or valkey-server. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { after } from 'node:test'

const program: string | undefined = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

/** Why tests with Redis cannot run; false where they can. */
export const redisMissing: string | false = program === undefined ? 'there is no redis-server here: install it to test the driver' : false

const running = new Set<ChildProcess>()

export class RedisServer {
  readonly port: number
  private child: ChildProcess | undefined

  private readonly options: readonly string[]

  private constructor(port: number, options: readonly string[]) {
    this.port = port
    this.options = options
  }

  /** @param options of its own, such as `--requirepass` */
  static async start(...options: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options)
    await server.restart()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it again, on the same port. */
  async restart(): Promise<void> {
    const where = ['--port', String(this.port), '--bind', '127.0.0.1']
    const child = spawn(program as string, [...where, '--save', '', '--appendonly', 'no', '--daemonize', 'no', ...this.options])
    this.child = child
    running.add(child)
    let output = ''
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${output}`)))
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (/ready to accept connections/i.test(output)) resolve()
      })
    })
  }

  /** It hangs: connections stay, and nothing is answered. */
  freeze(): void {
    this.child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.child?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended
    running.delete(child)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

after(() => { for (const child of running) child.kill('SIGKILL') })
