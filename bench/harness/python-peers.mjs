/** Servers for Python applications: Pulsar and those that it is compared with, as far as the machine has them or an index gives them. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchDirectory, rootDirectory } from './paths.mjs'
import { report } from './progress.mjs'

const applications = join(benchDirectory, 'servers', 'python')
const requirements = join(applications, 'requirements.txt')
/** The longest that one step of an installation may take, in milliseconds: uWSGI is compiled. */
const stepLimit = 300_000

/**
 * @param node the Node that Pulsar runs on
 * @param environment with gunicorn and the frameworks; the others are added to one of its own
 * @returns the servers by name, each for one Python process and for two, and why others are missing
 */
export function pythonPeers(node, environment, python) {
  const missing = []
  const tools = installed(python, missing)
  const peers = [1, 2].flatMap((count) => [
    pulsar(node, environment, count),
    gunicorn('sync', 'gunicorn sync', join(environment, 'bin', 'gunicorn'), count),
    gunicorn('gthread', 'gunicorn gthread', join(environment, 'bin', 'gunicorn'), count),
    ...system('/usr/bin/gunicorn', missing, (program) => [
      { ...gunicorn('sync', "Debian's gunicorn sync", program, count), ...debian('sync', count) },
      { ...gunicorn('gthread', "Debian's gunicorn gthread", program, count), ...debian('gthread', count) },
    ]),
    ...tool(tools, 'uwsgi', (program) => uwsgi('uwsgi', 'uWSGI', [program, '--virtualenv', tools], count)),
    ...system('/usr/bin/uwsgi', missing, (program) => uwsgi('debian-uwsgi', "Debian's uWSGI", [program, '--plugins', 'http,python3'], count).map((peer) => ({ ...peer, plain: true }))),
    ...tool(tools, 'waitress-serve', (program) => count > 1 ? [] : [waitress(program)]),
    ...tool(tools, 'granian', (program) => [granian(program, count)]),
  ])
  return { peers, missing: [...new Set(missing)] }
}

const address = '127.0.0.1:@PORT@'
const peer = (kind, family, title, processes, command) => ({ name: `${kind}-${processes}`, kind, family, processes, title: `${title}, ${processes}`, command })
/** The system's Python has no frameworks for sure: `plain` is for plain callables only. */
const debian = (kind, processes) => ({ name: `debian-${kind}-${processes}`, kind: `debian-${kind}`, plain: true })

function pulsar(node, environment, count) {
  return peer('pulsar', 'pulsar', 'Pulsar', count, (target) => [
    node, join(rootDirectory, 'dist', 'cli', 'main.js'), '-w', String(count), '--python', join(environment, 'bin', 'python'),
    '-b', address, '--log-level', 'warning', '--chdir', applications, target,
  ])
}

function gunicorn(kind, title, program, count) {
  const more = kind === 'sync' ? ['-k', 'sync'] : ['-k', 'gthread', '--threads', '4', '--keep-alive', '75']
  return peer(kind, 'gunicorn', title, count, (target) => [
    program, '-w', String(count), ...more, '-b', address, '--log-level', 'warning', '--chdir', applications, target,
  ])
}

/** Its HTTP router keeps connections, in a process of its own; its HTTP socket does not, and is read by the workers themselves. */
function uwsgi(kind, title, program, count) {
  const common = (target) => ['--processes', String(count), '--chdir', applications, '--module', target, '--master', '--need-app', '--die-on-term', '--disable-logging']
  return [
    peer(`${kind}-http`, 'uwsgi', `${title} --http`, count, (target) => [
      ...program, '--http', address, '--http-keepalive=75', '--add-header', 'Connection: Keep-Alive', ...common(target),
    ]),
    peer(`${kind}-socket`, 'uwsgi', `${title} --http-socket`, count, (target) => [
      ...program, '--http-socket', address, '--add-header', 'Connection: close', ...common(target),
    ]),
  ]
}

function waitress(program) {
  return peer('waitress', 'waitress', 'waitress', 1, (target) => ['sh', '-c', `cd '${applications}' && exec '${program}' --listen=${address} --threads=4 '${target}'`])
}

function granian(program, count) {
  return peer('granian', 'granian', 'Granian', count, (target) => [
    program, '--interface', 'wsgi', '--host', '127.0.0.1', '--port', '@PORT@', '--workers', String(count), '--no-ws', '--log-level', 'warning',
    '--working-dir', applications, target,
  ])
}

function tool(directory, name, make) {
  const program = join(directory, 'bin', name)
  return existsSync(program) ? make(program) : []
}

function system(program, missing, make) {
  if (existsSync(program)) return make(program)
  missing.push(`no ${program}`)
  return []
}

/** A virtual environment with the frameworks and, each for itself, the servers: one that cannot be installed is named. */
function installed(python, missing) {
  const frameworks = join(rootDirectory, 'test', 'python', 'requirements.txt')
  const wanted = readFileSync(requirements, 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const hash = createHash('sha256').update(readFileSync(frameworks)).update(wanted.join()).update(python).digest('hex').slice(0, 12)
  const directory = join(rootDirectory, '.cache', `bench-python-${hash}`)
  const ready = join(directory, 'ready')
  if (!existsSync(ready)) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    const pip = [join(directory, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1']
    report('installing the servers to compare with')
    const failed = [
      ...attempt(['python3', '-m', 'venv', directory], 'a virtual environment'), ...attempt([...pip, '-r', frameworks], 'the frameworks'),
      ...wanted.flatMap((requirement) => attempt([...pip, requirement], requirement)),
    ]
    writeFileSync(ready, failed.join('\n'))
  }
  missing.push(...readFileSync(ready, 'utf8').split('\n').filter((line) => line !== ''))
  return directory
}

function attempt([program, ...args], what) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: stepLimit })
  return status === 0 ? [] : [`${what} cannot be installed: ${String(stderr).trim().split('\n').at(-1)}`]
}
