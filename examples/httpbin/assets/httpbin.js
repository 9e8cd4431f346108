/** What the start page can do beyond links: filter the routes, and send requests. */
const filter = document.querySelector('#filter')
const trial = document.querySelector('#trial')
const form = trial.querySelector('form')
const output = trial.querySelector('output')
const buttons = [...document.querySelectorAll('.routes button')]
const withBody = ['POST', 'PUT', 'PATCH', 'DELETE']
let latest = 0

filter.hidden = false
for (const button of buttons) button.hidden = false

filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/)
  for (const section of document.querySelectorAll('main section')) {
    const items = [...section.querySelectorAll('.routes li')]
    const heading = section.querySelector('h2').textContent
    for (const item of items) {
      const text = `${heading} ${item.textContent}`.toLowerCase()
      item.hidden = !words.every((word) => text.includes(word))
    }
    section.hidden = items.every((item) => item.hidden)
  }
  showWhetherThereAreAny()
})

function showWhetherThereAreAny() {
  const any = document.querySelector('main section:not([hidden])') !== null
  const note = document.querySelector('#none') ?? element('p', { id: 'none' }, 'No route is like that.')
  if (any) note.remove()
  else document.querySelector('main').append(note)
}

for (const button of buttons) {
  button.addEventListener('click', () => {
    const { method, path } = button.dataset
    form.elements.method.value = method
    form.elements.path.value = path
    form.elements.body.value = withBody.includes(method) ? '{"star": "PSR B1919+21"}' : ''
    form.elements.body.hidden = !withBody.includes(method)
    trial.hidden = false
    document.body.classList.add('tried')
    send()
  })
}

form.elements.method.addEventListener('change', () => {
  form.elements.body.hidden = !withBody.includes(form.elements.method.value)
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  send()
})

document.querySelector('#close').addEventListener('click', () => {
  trial.hidden = true
  document.body.classList.remove('tried')
})

async function send() {
  const turn = ++latest
  const method = form.elements.method.value
  const body = form.elements.body.value
  const options = { method, ...(withBody.includes(method) && { body, headers: { 'Content-Type': 'application/json' } }) }
  output.replaceChildren(element('p', {}, 'Waiting for the answer ...'))
  const started = performance.now()
  try {
    const response = await fetch(new URL(`.${form.elements.path.value}`, document.baseURI), options)
    const content = await response.blob()
    if (turn === latest) await show(response, content, performance.now() - started)
  } catch (error) {
    if (turn === latest) output.replaceChildren(element('p', { className: 'failed' }, String(error)))
  }
}

async function show(response, content, milliseconds) {
  const facts = `${content.size} bytes in ${Math.round(milliseconds)} ms`
  const head = element('p', {}, element('strong', {}, `${response.status} ${response.statusText}`), facts)
  const led = response.redirected ? [element('p', {}, `by way of redirects to ${new URL(response.url).pathname}`)] : []
  const fields = element('dl', {}, ...[...response.headers].flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]))
  output.replaceChildren(head, ...led, element('p', {}, 'Headers'), fields, ...(content.size > 0 ? [element('p', {}, 'Body'), await shown(content)] : []))
}

async function shown(content) {
  if (content.type.startsWith('image/')) return element('img', { src: URL.createObjectURL(content), alt: 'The body of the answer' })
  if (content.type === 'application/octet-stream') return element('pre', {}, hexadecimal(new Uint8Array(await content.slice(0, 1024).arrayBuffer())))
  const text = await content.slice(0, 20_000).text()
  return element('pre', {}, content.type.startsWith('application/json') ? indented(text) : text)
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text // several lines of JSON, or cut off
  }
}

function hexadecimal(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}
