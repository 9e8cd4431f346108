// node scripts/python-environment.mjs: a virtual environment with test/python/requirements.txt, in .cache/; prints where it is.
// Made once for each text of the requirements, also where several ask at the same time. Where there is no Python 3, or no index
// of packages answers, it says why and ends with status 3. With CI_SYSTEM_PACKAGES=1, and as root, it then takes what Debian
// has (apt-get).
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { cache, root } from './ensure.mjs'

/** Packages of Debian and Ubuntu that stand in for the requirements, in the versions that the system has. */
const systemPackages = [
  'python3', 'python3-venv', 'python3-flask', 'python3-django', 'gunicorn', 'python3-bottle', 'python3-falcon', 'python3-pyramid',
]

/** The longest that one step may take, milliseconds: an index that does not answer must not hold up the tests for ever. */
const stepLimit = 180_000

/** Milliseconds until what failed is tried again. */
const retryAfter = 120_000

/** It cannot be made here; the message says why. */
export class NoPythonEnvironment extends Error {}

/**
 * @returns {Promise<string>} the directory of the virtual environment: `bin/python`, `bin/gunicorn` and so on
 * @throws {NoPythonEnvironment}
 */
export async function pythonEnvironment() {
  const requirements = join(root, 'test', 'python', 'requirements.txt')
  const version = pythonVersion()
  const hash = createHash('sha256').update(readFileSync(requirements)).update(version ?? '').digest('hex').slice(0, 12)
  const directory = join(cache, `python-${hash}`)
  const ready = join(directory, 'ready')
  while (!existsSync(ready)) {
    const unlock = lock(`${directory}.lock`)
    if (unlock === null) {
      await delay(200)
      continue
    }
    try {
      if (existsSync(ready)) break
      failedBefore(directory)
      rmSync(directory, { recursive: true, force: true })
      await make(directory, requirements, version)
      writeFileSync(ready, '')
    } catch (error) {
      if (error instanceof NoPythonEnvironment && !existsSync(`${directory}.failed`)) writeFileSync(`${directory}.failed`, error.message)
      throw error
    } finally {
      unlock()
    }
  }
  return directory
}

/** Whoever asks soon after a failure gets the same answer at once: test files are many, and an index may be slow to be away. */
function failedBefore(directory) {
  const note = `${directory}.failed`
  if (existsSync(note) && Date.now() - statSync(note).mtimeMs < retryAfter) throw new NoPythonEnvironment(readFileSync(note, 'utf8'))
  rmSync(note, { force: true })
}

/** From the index; else, where that is asked for, from the system. */
async function make(directory, requirements, version) {
  try {
    if (version === null) throw new NoPythonEnvironment('there is no python3 on PATH')
    tell(`installing ${requirements.slice(root.length + 1)} for Python ${version} into ${directory.slice(root.length + 1)}`)
    await run('python3', ['-m', 'venv', ...(hasEnsurepip() ? [] : ['--without-pip']), directory])
    const python = join(directory, 'bin', 'python')
    const pip = hasEnsurepip() ? [python, '-m', 'pip'] : ['python3', '-m', 'pip', '--python', python]
    const quietly = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1']
    await run(pip[0], [...pip.slice(1), 'install', ...quietly, '-r', requirements])
  } catch (error) {
    if (!(error instanceof NoPythonEnvironment) || process.env.CI_SYSTEM_PACKAGES !== '1') throw error
    tell(`${error.message}; installing ${systemPackages.join(', ')} of the system`)
    rmSync(directory, { recursive: true, force: true })
    await fromTheSystem(directory)
  }
}

async function fromTheSystem(directory) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-q'], env)
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...systemPackages], env)
  await run('/usr/bin/python3', ['-m', 'venv', '--system-site-packages', directory])
  // Scripts of the system start the system's interpreter: here the environment's is to be used.
  const gunicorn = join(directory, 'bin', 'gunicorn')
  if (!existsSync(gunicorn)) {
    const python = join(directory, 'bin', 'python')
    writeFileSync(gunicorn, `#!${python}\nimport sys\nfrom gunicorn.app.wsgiapp import run\nsys.exit(run())\n`, { mode: 0o755 })
  }
}

/** `3.11.2`, or null where there is none. */
function pythonVersion() {
  const { status, stdout } = spawnSync('python3', ['-c', 'import platform; print(platform.python_version())'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

/** Debian has it in a package of its own, python3-venv. */
function hasEnsurepip() {
  return spawnSync('python3', ['-c', 'import ensurepip']).status === 0
}

/** The function that gives the lock back; null where a process that lives has it. */
function lock(path) {
  mkdirSync(cache, { recursive: true })
  try {
    const file = openSync(path, 'wx')
    writeFileSync(file, String(process.pid))
    closeSync(file)
    return () => rmSync(path, { force: true })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!isAlive(path)) rmSync(path, { force: true })
  return null
}

/** An empty lock was made just now. */
function isAlive(path) {
  try {
    const pid = readFileSync(path, 'utf8')
    if (pid !== '') process.kill(Number(pid), 0)
    return true
  } catch (error) {
    if (error.code === 'ESRCH') return false
    if (error.code === 'ENOENT' || error.code === 'EPERM') return true
    throw error
  }
}

function run(program, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: stepLimit })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text) => { said = (said + text).slice(-4000) })
    const failed = (how) => {
      const last = said.trim().split('\n').at(-1) ?? ''
      reject(new NoPythonEnvironment(`${[program, ...args.slice(0, 3)].join(' ')} ... ${how}${last && `: ${last}`}`))
    }
    child.once('error', (error) => failed(`could not be started: ${error.message}`))
    child.once('close', (status, signal) => status === 0 ? resolve() : failed(`ended with ${signal ?? status}`))
  })
}

const tell = (text) => console.error(`pulsar: ${text}`)

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await pythonEnvironment())
  } catch (error) {
    if (!(error instanceof NoPythonEnvironment)) throw error
    tell(`no Python environment: ${error.message}`)
    process.exitCode = 3
  }
}
