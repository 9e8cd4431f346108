import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { fileContent, letGo, pythonPlace, startPython, withoutPython3 } from '../support/python-server.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { eventually, isRunning, killLeft } from '../support/workers.ts'

suite('faults of Python workers', { skip: withoutPython3 }, () => {
  test('a worker that is killed answers its request with 502; others are untouched, and it is replaced', async () => {
    const cwd = pythonPlace()
    const server = await startPython(['-w', '2', 'faults:application'], { cwd })
    const [a, b] = [join(cwd, 'a'), join(cwd, 'b')]
    const first = get(server.address, `/hold?${a}`)
    const victim = Number(await fileContent(a))
    const second = get(server.address, `/hold?${b}`)
    const other = Number(await fileContent(b))
    assert.notEqual(victim, other)
    process.kill(victim, 'SIGKILL')
    assert.equal((await first).status, 502)
    letGo(b)
    const answer = await second
    assert.deepEqual([answer.status, answer.body.toString()], [200, String(other)])
    await server.until(/Python worker 3 is ready/)
    await server.until(/"cause":"worker-died"/)
    await server.until(/Python worker \d ended with SIGKILL/)
    await eventually(() => server.pythons().length === 2, () => 'two Python processes')
    await server.stop()
  })

  test('a worker that ends by itself is told of with its status, and replaced', async () => {
    const server = await startPython(['faults.py'], { cwd: pythonPlace() })
    assert.equal((await get(server.address, '/exit?7')).status, 502)
    await server.until(/Python worker 1 ended with status 7/)
    assert.equal(await server.body('/'), 'hello')
    await server.stop()
  })

  test('requests that a dead worker had not begun are answered by another', async () => {
    const server = await startPython(['faults:application'], { cwd: pythonPlace() })
    // Quick answers first, so that requests are sent ahead.
    for (let i = 0; i < 5; i++) await Promise.all(Array.from({ length: 20 }, () => server.body('/')))
    const outcomes = await Promise.all([server.status('/exit?7'), ...Array.from({ length: 20 }, () => server.status('/'))])
    assert.deepEqual(outcomes, [502, ...Array.from({ length: 20 }, () => 200)])
    await server.stop()
  })

  test('garbage on the wire ends the worker that sent it, and nobody else', async () => {
    const server = await startPython(['-w', '2', 'faults:application'], { cwd: pythonPlace() })
    assert.equal((await get(server.address, '/garbage')).status, 502)
    await server.until(/Python worker 1 was killed: it sent garbage/)
    assert.equal(await server.body('/'), 'hello')
    await server.until(/Python worker 3 is ready/)
    await server.stop()
  })

  test('so does a word on its life line', { skip: process.platform !== 'linux' }, async () => {
    const server = await startPython(['faults:application'], { cwd: pythonPlace() })
    assert.equal((await get(server.address, '/garbage-on-the-life-line')).status, 502)
    await server.until(/Python worker 1 was killed: it sent garbage: nothing is said on the life line/)
    await server.until(/Python worker 2 is ready/)
    await server.stop()
  })

  test('an application that cannot be imported: its traceback, and exit status 3', async () => {
    const cwd = pythonPlace()
    writeFileSync(join(cwd, 'wrong.py'), 'import nothing_of_that_name\n')
    for (const workers of ['0', '1']) {
      const { code, stderr } = await runCommand(['-b', '127.0.0.1:0', '-w', workers, 'wrong:app'], { cwd, env: { VIRTUAL_ENV: undefined } })
      assert.equal(code, 3, stderr)
      assert.match(stderr, /wrong:app cannot be loaded: ModuleNotFoundError: No module named 'nothing_of_that_name'/)
      assert.match(stderr, /Traceback[^]*wrong\.py", line 1/)
      assert.doesNotMatch(stderr, /serving on/)
    }
  })

  test('--check-config loads the Python application too', async () => {
    const cwd = pythonPlace()
    writeFileSync(join(cwd, 'wrong.py'), 'x = 1\n')
    const wrong = await runCommand(['--check-config', 'wrong:app'], { cwd, env: { VIRTUAL_ENV: undefined } })
    assert.equal(wrong.code, 3, wrong.stderr)
    const right = await runCommand(['--check-config', 'faults:application'], { cwd, env: { VIRTUAL_ENV: undefined } })
    assert.deepEqual([right.code, right.stderr], [0, ''])
  })

  test('a reload that cannot be imported leaves the old one serving; one that can takes over', async () => {
    const cwd = pythonPlace()
    const version = (text: string): void => writeFileSync(join(cwd, 'version.py'), text)
    const answer = (text: string): string => `def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'${text}']\n`
    version(answer('one'))
    const server = await startPython(['version:app'], { cwd, env: { PYTHONDONTWRITEBYTECODE: '1' } })
    version('raise RuntimeError("not yet")\n')
    process.kill(server.pid, 'SIGHUP')
    await server.until(/RuntimeError: not yet/)
    assert.equal(await server.body('/'), 'one')
    version(answer('three'))
    process.kill(server.pid, 'SIGHUP')
    await eventually(async () => await server.body('/') === 'three', () => 'the new version')
    await eventually(() => server.pythons().length === 1, () => 'the end of the old worker')
    await server.stop()
  })

  test('--reload serves anew what has changed', async () => {
    const cwd = pythonPlace()
    const version = (text: string): void =>
      writeFileSync(join(cwd, 'version.py'), `def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'${text}']\n`)
    version('one')
    const server = await startPython(['--reload', 'version:app'], { cwd, env: { PYTHONDONTWRITEBYTECODE: '1' } })
    assert.equal(await server.body('/'), 'one')
    version('second')
    await eventually(async () => await server.body('/') === 'second', () => 'the new version')
    await server.stop()
  })

  for (const threads of [1, 4]) {
    for (const [path, place] of [['/sleep?60', 'sleep'], ['/spin', 'spin_for_ever'], ['/lock', 'wait_for_lock']] as const) {
      test(`an application that takes too long, ${place}, ${threads} threads: 504 at once, its stack in the log, and others are served`, async () => {
        const server = await startPython(['-t', '1', '--graceful-timeout', '5', '--threads', String(threads), 'faults:application'], { cwd: pythonPlace() })
        assert.equal((await get(server.address, path)).status, 504)
        await server.until(new RegExp(`"stack":"[^\\n]*in ${place}`))
        assert.equal(await server.body('/'), 'hello')
        assert.match(server.stderr(), /"cause":"application-timeout"/)
        if (threads > 1) await server.until(/Python worker 2 is ready/)
        else assert.doesNotMatch(server.stderr(), /could not be interrupted/)
        await eventually(() => server.pythons().length === 1, () => `one Python process\n${server.stderr()}`)
        await server.stop()
      })
    }
  }

  for (const leave of ['reset', 'end'] as const) {
    test(`a client that goes away (${leave}) while its request waits for a worker frees its place; one whose request runs is told of`, async () => {
      const cwd = pythonPlace()
      const server = await startPython(['--queue-limit', '1', 'faults:application'], { cwd })
      const file = join(cwd, 'a')
      const running = get(server.address, `/hold?${file}`)
      await fileContent(file)
      const waiting = await RawClient.connect(server.port)
      await waiting.send('GET /pid HTTP/1.1\r\nHost: a\r\n\r\n')
      // The place is taken: another gets 503 now.
      await eventually(async () => await server.status('/') === 503, () => 'a full queue')
      waiting[leave]()
      let next = await RawClient.connect(server.port)
      await eventually(async () => {
        await next.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        const waits = await new Promise((resolve) => setTimeout(() => resolve(next.received().length === 0), 100))
        if (waits === true) return true
        next.destroy()
        next = await RawClient.connect(server.port)
        return false
      }, () => 'a free place')
      letGo(file)
      assert.equal((await running).status, 200)
      assert.equal((await next.finalResponse()).status, 200)
      next.destroy()
      const gone = join(cwd, 'gone')
      const client = await RawClient.connect(server.port)
      await client.send(`GET /watch?${gone} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      client[leave]()
      assert.equal(await fileContent(gone), 'gone')
      assert.equal(await server.body('/'), 'hello')
      await server.stop()
    })
  }

  test('a client that goes away in a download ends it, and close() is called', async () => {
    const cwd = pythonPlace()
    const server = await startPython(['faults:application'], { cwd })
    const file = join(cwd, 'closed')
    const client = await RawClient.connect(server.port)
    await client.send(`GET /endless?${file} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.bytes(100_000)
    client.reset()
    assert.equal(await fileContent(file), 'closed')
    assert.equal(await server.body('/'), 'hello')
    await server.stop()
  })

  for (const buffering of ['on', 'off']) {
    test(`a client that goes away in an upload holds up nobody, request buffering ${buffering}`, async () => {
      const cwd = pythonPlace()
      const server = await startPython(['--request-buffering', buffering, 'faults:application'], { cwd })
      const file = join(cwd, 'failed')
      const client = await RawClient.connect(server.port)
      await client.send(`POST /read?${file} HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n`, Buffer.alloc(100_000))
      if (buffering === 'on') assert.equal(await server.body('/'), 'hello')
      await new Promise((resolve) => setTimeout(resolve, 100))
      client.reset()
      if (buffering === 'off') await fileContent(file)
      assert.equal(await server.body('/'), 'hello')
      await server.stop()
    })
  }

  test('where the queue is full the answer is 503 with Retry-After; and when none was free in time', async () => {
    const cwd = pythonPlace()
    const server = await startPython(['--queue-limit', '2', '--queue-timeout', '0.5', 'faults:application'], { cwd })
    const file = join(cwd, 'a')
    const running = get(server.address, `/hold?${file}`)
    await fileContent(file)
    const waiting = Promise.all([get(server.address, '/'), get(server.address, '/')])
    await eventually(async () => {
      const { status } = await get(server.address, '/')
      return status === 503 && server.times(/"cause":"queue-full"/) > 0
    }, () => 'a full queue')
    for (const answer of await waiting) {
      assert.equal(answer.status, 503)
      assert.ok(answer.fields.some(([name]) => name.toLowerCase() === 'retry-after'))
    }
    assert.match(server.stderr(), /"cause":"queue-timeout"/)
    letGo(file)
    assert.equal((await running).status, 200)
    assert.equal(await server.body('/'), 'hello')
    await server.stop()
  })

  test('the deadline of the queue holds for a request that a worker had and gave back, too', async () => {
    const cwd = pythonPlace()
    const server = await startPython(['--queue-timeout', '0.5', 'faults:application'], { cwd })
    // A quick answer: the worker is trusted with a request more than it can run.
    assert.equal(await server.body('/'), 'hello')
    const file = join(cwd, 'a')
    const running = get(server.address, `/hold?${file}`)
    await fileContent(file)
    const { status, fields } = await get(server.address, '/')
    assert.equal(status, 503)
    assert.ok(fields.some(([name]) => name.toLowerCase() === 'retry-after'))
    assert.match(server.stderr(), /"cause":"queue-timeout"/)
    letGo(file)
    assert.equal((await running).status, 200)
    await server.stop()
  })

  for (const workers of ['0', '1']) {
    test(`a server that is killed leaves no Python process, with -w ${workers}`, async () => {
      const server = await startPython(['-w', workers, '--python-workers', '2', 'faults:application'], { cwd: pythonPlace() })
      const busy = get(server.address, '/spin').catch(() => undefined)
      const pythons = server.pythons()
      assert.equal(pythons.length, 2)
      // Where there is an arbiter, it and its worker.
      killLeft([server.pid, ...server.children().filter((child) => !pythons.includes(child))])
      await eventually(() => !pythons.some(isRunning), () => `the end of ${pythons.join(', ')}`)
      await busy
    })
  }

  for (const more of [[], ['--preload'], ['--threads', '2']]) {
    test(`nor one whose C code holds the interpreter ${more.join(' ')}`, { skip: process.platform !== 'linux' }, async () => {
      const cwd = pythonPlace()
      const server = await startPython(['-w', '0', '--python-workers', '2', ...more, 'faults:application'], { cwd })
      const files = [join(cwd, 'a'), join(cwd, 'b')]
      const busy = files.map((file) => get(server.address, `/hold-the-interpreter?${file}`).catch(() => undefined))
      // With --preload the template beside them.
      const pythons = [...server.pythons(), ...await Promise.all(files.map(async (file) => Number(await fileContent(file))))]
      assert.ok(pythons.every(isRunning))
      process.kill(server.pid, 'SIGKILL')
      await eventually(() => !pythons.some(isRunning), () => `the end of ${pythons.join(', ')}`)
      await Promise.all(busy)
    })
  }

  test('nor one that was forked by a template that is killed with the server', { skip: process.platform !== 'linux' }, async () => {
    const cwd = pythonPlace()
    const server = await startPython(['-w', '0', '--preload', 'faults:application'], { cwd })
    const [template] = server.pythons()
    const busy = get(server.address, `/hold-the-interpreter?${join(cwd, 'a')}`).catch(() => undefined)
    const worker = Number(await fileContent(join(cwd, 'a')))
    process.kill(template as number, 'SIGKILL')
    // Without its template it goes on.
    await server.until(/the Python template ended: SIGKILL/)
    assert.ok(isRunning(worker))
    process.kill(server.pid, 'SIGKILL')
    await eventually(() => !isRunning(worker), () => `the end of ${worker}`)
    await busy
  })

  test('1,000 requests at once are all answered', async () => {
    const server = await startPython(['-w', '2', 'faults:application'], { cwd: pythonPlace() })
    const answers = await Promise.all(Array.from({ length: 1000 }, () => server.body('/')))
    assert.equal(answers.filter((body) => body === 'hello').length, 1000)
    await server.stop()
  })
})
