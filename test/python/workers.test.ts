import assert from 'node:assert/strict'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { pythonPlace, startPython, withoutPython3 } from '../support/python-server.ts'
import { get } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { SteadyClients } from '../support/steady-clients.ts'
import { eventually, isRunning } from '../support/workers.ts'

suite('Python workers', { skip: withoutPython3 }, () => {
  test('-w N is N Python workers behind one server process; --python-workers counts more', async () => {
    const cwd = pythonPlace()
    const three = await startPython(['-w', '3', 'faults:application'], { cwd })
    assert.deepEqual([three.children().length, three.pythons().length], [1, 3])
    await three.stop()
    const both = await startPython(['-w', '2', '--python-workers', '2', 'faults:application'], { cwd })
    assert.deepEqual([both.children().length, both.pythons().length], [2, 4])
    await both.stop()
  })

  test('what Python prints is in the log, with the worker; and what the application raises, with its traceback', async () => {
    const server = await startPython(['faults:application'], { cwd: pythonPlace() })
    assert.equal(await server.body('/print'), 'printed')
    for (const text of ['printed', 'to stderr', 'logged', 'to wsgi.errors']) await server.until(new RegExp(`"msg":"Python worker 1: ${text}"`))
    const answer = await get(server.address, '/fail?text')
    assert.deepEqual([answer.status, answer.body.toString()], [500, 'Internal Server Error\n'])
    await server.until(/"msg":"the application failed: ValueError: broken: text"/)
    assert.match(server.stderr(), /"stack":"Traceback[^\n]*in fail/)
    await server.stop()
  })

  test('with --debug the traceback is on the page', async () => {
    const server = await startPython(['--debug', 'faults:application'], { cwd: pythonPlace() })
    const { status, body } = await get(server.address, '/fail?text')
    assert.equal(status, 500)
    assert.match(body.toString(), /ValueError: broken: text/)
    assert.match(body.toString(), /faults\.py", line \d+, in fail/)
    await server.stop()
  })

  test('--preload loads once and forks the workers; a killed one is forked again', async () => {
    const cwd = pythonPlace()
    writeFileSync(join(cwd, 'loaded.py'), 'import os\nLOADED = os.getpid()\ndef app(e, s):\n    s("200 OK", [])\n    return [("%d %d" % (LOADED, os.getpid())).encode()]\n')
    const server = await startPython(['-w', '2', '--preload', 'loaded:app'], { cwd })
    const [template, first] = (await server.body('/')).split(' ').map(Number) as [number, number]
    assert.notEqual(template, first)
    process.kill(first, 'SIGKILL')
    await server.until(/ended with SIGKILL/)
    await eventually(() => server.times(/is ready, process/) === 3, () => 'another worker')
    let last = 0
    for (let i = 0; i < 10; i++) {
      const [loader, forked] = (await server.body('/')).split(' ').map(Number) as [number, number]
      assert.equal(loader, template)
      last = forked
    }
    await server.stop()
    await eventually(() => ![template, last].some(isRunning), () => `the end of ${template} and ${last}`)
  })

  test('--max-requests replaces workers, and no request is lost', async () => {
    const server = await startPython(['-w', '2', '--max-requests', '50', '--max-requests-jitter', '10', 'faults:application'], { cwd: pythonPlace() })
    const clients = new SteadyClients(server.port, { count: 8, path: '/pid' })
    await eventually(() => server.times(/is replaced: it has taken \d+ requests/) >= 6, () => server.stderr())
    const { failures } = await clients.stop()
    assert.deepEqual(failures, {})
    assert.equal(server.children().length, 1)
    await eventually(() => server.pythons().length === 2, () => 'two Python processes')
    await server.stop()
  })

  test('--max-memory replaces the worker that has grown', async () => {
    const server = await startPython(['--max-memory', '100', 'faults:application'], { cwd: pythonPlace() })
    const before = await server.body('/eat?150')
    await server.until(/Python worker 1 is replaced: it uses \d+ MiB of memory, over 100/)
    await eventually(async () => await server.body('/pid') !== before, () => 'another worker')
    await eventually(() => !isRunning(Number(before)), () => 'the end of the one that had grown')
    assert.equal(server.pythons().length, 1)
    await server.stop()
  })

  test('a reload under load loses nothing', async () => {
    const server = await startPython(['-w', '2', 'faults:application'], { cwd: pythonPlace() })
    const clients = new SteadyClients(server.port, { count: 8, path: '/pid' })
    for (let i = 1; i <= 3; i++) {
      process.kill(server.pid, 'SIGHUP')
      await server.until(/Python worker 2 is ready/, i + 1)
    }
    const { answered, failures } = await clients.stop()
    assert.deepEqual(failures, {})
    assert.ok(answered > 100, String(answered))
    await server.stop()
  })

  test('the interpreter is that of --python, of VIRTUAL_ENV, of ./.venv, or python3, in that order, and is logged', async () => {
    const cwd = pythonPlace()
    const real = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
    const environment = (name: string): string => {
      mkdirSync(join(cwd, name, 'bin'), { recursive: true })
      symlinkSync(real, join(cwd, name, 'bin', 'python'))
      return join(cwd, name)
    }
    const chosen = async (args: readonly string[], env: Record<string, string | undefined> = {}): Promise<string> => {
      const server = await startPython([...args, 'faults:application'], { cwd, env })
      await server.stop()
      return /runs on CPython [\d.]+, [^ ]+ \(([^)]*)\)/.exec(server.stderr())?.[1] ?? server.stderr()
    }
    assert.equal(await chosen([]), 'python3 of PATH')
    environment('.venv')
    assert.equal(await chosen([]), './.venv')
    const named = environment('named')
    assert.equal(await chosen([], { VIRTUAL_ENV: environment('active') }), 'VIRTUAL_ENV')
    assert.equal(await chosen(['--python', named], { VIRTUAL_ENV: named }), `python ${named}`)
  })

  test('a Python that cannot be run is one line with the setting and the path, and status 2', async () => {
    const cwd = realpathSync(pythonPlace())
    mkdirSync(join(cwd, 'empty'))
    mkdirSync(join(cwd, '.venv', 'bin'), { recursive: true })
    symlinkSync('/nowhere/python3', join(cwd, '.venv', 'bin', 'python'))
    const expected = 'expected a program, or the directory of a virtual environment'
    const cases: readonly (readonly [readonly string[], string | undefined, string])[] = [
      [['--python', './nowhere'], undefined, `--python ./nowhere: there is no ${cwd}/nowhere; ${expected}`],
      [['-w', '0', '--python', './nowhere'], undefined, `--python ./nowhere: there is no ${cwd}/nowhere; ${expected}`],
      [['--python', 'faults.py'], undefined, `--python faults.py: ${cwd}/faults.py is not executable, and no faults.py on the PATH; ${expected}`],
      [['--check-config', '--python', 'empty/'], undefined, `--python empty/: there is no ${cwd}/empty/bin/python; ${expected}`],
      [[], 'empty', `VIRTUAL_ENV is empty: there is no ${cwd}/empty/bin/python`],
      [[], undefined, `.venv is in ${cwd}: ${cwd}/.venv/bin/python is a link to nothing`],
    ]
    for (const [args, environment, line] of cases) {
      const { code, stderr } = await runCommand([...args, 'faults:application'], { cwd, env: { VIRTUAL_ENV: environment } })
      assert.deepEqual({ code, stderr }, { code: 2, stderr: `pulsar: ${line}\n` })
    }
  })

  test('factories, attributes and paths name an application; --pythonpath finds modules elsewhere', async () => {
    const cwd = pythonPlace()
    mkdirSync(join(cwd, 'lib'))
    mkdirSync(join(cwd, 'sub'))
    const text = 'class Box: pass\ndef make(name="none"):\n    def app(e, s):\n        s("200 OK", [])\n        return [name.encode()]\n    return app\nbox = Box()\nbox.app = make("attribute")\napplication = make("default")\n'
    writeFileSync(join(cwd, 'lib', 'elsewhere.py'), text)
    writeFileSync(join(cwd, 'sub', 'some.py'), text)
    const cases = [
      ['elsewhere:make()', 'none'], ["elsewhere:make('given')", 'given'], ['elsewhere:box.app', 'attribute'], ['sub/some.py', 'default'],
      ['sub/some.py:box.app', 'attribute'],
    ] as const
    for (const [target, expected] of cases) {
      const server = await startPython(['-w', '0', '--pythonpath', 'lib', target], { cwd })
      assert.equal(await server.body('/'), expected)
      await server.stop()
    }
  })
})
