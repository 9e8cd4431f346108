import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { LineFile, type LineFileListener } from '../../src/observe/line-file.ts'
import { eventually } from '../support/workers.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-lines-'))
after(() => rmSync(directory, { recursive: true, force: true }))

class Heard implements LineFileListener {
  readonly failures: string[] = []
  readonly recoveries: number[] = []
  failed(error: Error): void {
    this.failures.push(error.message)
  }
  recovered(lost: number): void {
    this.recoveries.push(lost)
  }
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const numbered = (count: number, from: number = 0): string[] => Array.from({ length: count }, (_, i) => `line ${from + i} ${'x'.repeat(100)}`)

suite('a file of lines', () => {
  test('has all lines in order when it is closed, with what it had before', async () => {
    const path = join(directory, 'order')
    for (const [from, count] of [[0, 3], [3, 5000]] as const) {
      const heard = new Heard()
      const file = new LineFile(path, heard)
      for (const line of numbered(count, from)) file.write(`${line}\n`)
      await file.close()
      assert.deepEqual(heard.failures, [])
    }
    assert.deepEqual(linesOf(path), numbered(5003))
  })

  test('a single line is there without a second one, before the file is closed', async () => {
    const path = join(directory, 'single')
    const file = new LineFile(path, new Heard())
    file.write('alone\n')
    await eventually(() => readFileSync(path, 'utf8') === 'alone\n', () => 'the line')
    await file.close()
    assert.deepEqual(linesOf(path), ['alone'])
  })

  test('a file that cannot be opened is an error at once', () => {
    assert.throws(() => new LineFile(join(directory, 'nowhere', 'file'), new Heard()), { code: 'ENOENT' })
  })

  test('opened anew, it goes on under its name, and nothing is lost', async () => {
    const path = join(directory, 'moved')
    const file = new LineFile(path, new Heard())
    for (const line of numbered(1000)) file.write(`${line}\n`)
    renameSync(path, `${path}.1`)
    file.reopen()
    for (const line of numbered(1000, 1000)) file.write(`${line}\n`)
    await eventually(() => existsSync(path), () => 'the new file')
    for (const line of numbered(1000, 2000)) file.write(`${line}\n`)
    await file.close()
    assert.deepEqual([...linesOf(`${path}.1`), ...linesOf(path)], numbered(3000))
    assert.ok(linesOf(path).length >= 1000)
  })

  test('where no new one can be had the old one is kept, and that is said', async () => {
    const folder = join(directory, 'folder')
    mkdirSync(folder)
    const path = join(folder, 'file')
    const heard = new Heard()
    const file = new LineFile(path, heard)
    renameSync(folder, `${folder}.1`)
    file.reopen()
    await eventually(() => heard.failures.length === 1, () => 'a word about it')
    file.write('kept\n')
    await file.close()
    assert.deepEqual(linesOf(join(`${folder}.1`, 'file')), ['kept'])
    assert.match(heard.failures.join(), /ENOENT/)
  })

  test('a full disk is said once, whatever comes, and what is lost is counted at the end', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async () => {
    const heard = new Heard()
    const file = new LineFile('/dev/full', heard)
    for (const line of numbered(100)) file.write(`${line}\n`)
    await eventually(() => heard.failures.length > 0, () => 'a word about it')
    for (const line of numbered(100)) file.write(`${line}\n`)
    await file.close()
    assert.equal(heard.failures.length, 2)
    assert.match(heard.failures[0] ?? '', /ENOSPC/)
    assert.equal(heard.failures[1], '200 lines are lost')
  })

  test('while nothing can be written only so much is kept, and how many lines were dropped is known', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async () => {
    const heard = new Heard()
    const file = new LineFile('/dev/full', heard)
    for (let i = 0; i < 100_000; i++) file.write(`${'x'.repeat(99)}\n`)
    await file.close()
    assert.equal(heard.failures.at(-1), '100000 lines are lost')
  })

  test('on a disk that was full and has room again, all lines that were kept are whole', { skip: withoutSmallDisk() }, async () => {
    const disk = smallDisk()
    try {
      const heard = new Heard()
      const file = new LineFile(join(disk, 'log'), heard)
      const sent = numbered(3000)
      for (const line of sent) file.write(`${line}\n`)
      await eventually(() => heard.failures.length > 0, () => 'a full disk')
      assert.match(heard.failures[0] ?? '', /ENOSPC/)
      spawnSync('mount', ['-o', 'remount,size=4m', disk])
      await eventually(() => heard.recoveries.length > 0, () => 'room again')
      await file.close()
      assert.deepEqual(heard.recoveries, [0])
      const whole = new Set(linesOf(join(disk, 'log')))
      assert.deepEqual(sent.filter((line) => !whole.has(line)), [])
    } finally {
      spawnSync('umount', [disk])
    }
  })

  test('a reader that goes away is said once, and a new one gets what comes then', { skip: withoutFifo() }, async () => {
    const path = join(directory, 'fifo')
    spawnSync('mkfifo', [path])
    const heard = new Heard()
    const first = readerOf(path)
    const file = await openedWhenRead(path, heard)
    first.child.kill('SIGKILL')
    await first.ended
    file.write('to nobody\n')
    await eventually(() => heard.failures.length === 1, () => 'a word about it')
    assert.match(heard.failures[0] ?? '', /EPIPE/)
    const second = readerOf(path)
    await eventually(() => heard.recoveries.length === 1, () => 'a reader again')
    file.write('to somebody\n')
    await file.close()
    assert.equal(await second.ended, 'to nobody\nto somebody\n')
  })

  test('a reader that is slow loses what cannot be kept for it, and no line is torn', { skip: withoutFifo() }, async () => {
    const path = join(directory, 'slow')
    spawnSync('mkfifo', [path])
    const heard = new Heard()
    const reader = readerOf(path)
    const file = await openedWhenRead(path, heard)
    reader.child.kill('SIGSTOP')
    const sent = numbered(60_000)
    for (const line of sent) file.write(`${line}\n`)
    await eventually(() => heard.failures.length === 1, () => 'a word about it')
    reader.child.kill('SIGCONT')
    await eventually(() => heard.recoveries.length === 1, () => 'the reader to have caught up')
    await file.close()
    const lines = (await reader.ended).split('\n').slice(0, -1)
    const known = new Set(sent)
    assert.deepEqual(lines.filter((line) => !known.has(line)), [])
    assert.equal(lines.length, sent.length - (heard.recoveries[0] as number))
  })

  test('a process that ends at once writes what it has first', async () => {
    const path = join(directory, 'exit')
    const module = new URL('../../src/observe/line-file.js', import.meta.url)
    const script = `
      const { LineFile } = await import(${JSON.stringify(module.href)})
      const file = new LineFile(${JSON.stringify(path)}, { failed() {}, recovered() {} })
      for (let i = 0; i < 5000; i++) file.write('line ' + i + '\\n')
      process.exit(0)
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] })
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
    const lines = linesOf(path)
    assert.equal(new Set(lines).size, 5000)
    assert.equal(lines.length, 5000)
  })
})

function readerOf(path: string): { readonly child: ChildProcess, readonly ended: Promise<string> } {
  const child = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let received = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => { received += text })
  return { child, ended: new Promise((resolve) => child.once('close', () => resolve(received))) }
}

/** Without a reader a FIFO cannot be opened for writing. */
async function openedWhenRead(path: string, heard: Heard): Promise<LineFile> {
  let file: LineFile | undefined
  await eventually(() => {
    try {
      file = new LineFile(path, heard)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      return false
    }
  }, () => 'a reader')
  return file as LineFile
}

function withoutFifo(): string | false {
  return spawnSync('mkfifo', ['--version']).status === 0 ? false : 'there is no mkfifo'
}

/** A file system of 128 KiB. */
function smallDisk(): string {
  const disk = mkdtempSync(join(directory, 'disk-'))
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk])
  if (status !== 0) throw new Error(String(stderr))
  return disk
}

function withoutSmallDisk(): string | false {
  try {
    const disk = smallDisk()
    const small = statfsSync(disk).blocks * statfsSync(disk).bsize <= 131_072
    spawnSync('umount', [disk])
    return small ? false : 'no small file system can be mounted'
  } catch {
    return 'no file system can be mounted'
  }
}
