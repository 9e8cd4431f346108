// @ts-check
import { JsonProxy, RpcError } from '../client/client.js'

/** @template {Element} T @param {string} selector @param {new () => T} type @returns {T} */
function find(selector, type) {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`there is no ${selector}`)
  return found
}

const sum = find('#sum', HTMLFormElement)
const paths = find('#paths', HTMLFormElement)
const result = find('#result', HTMLOutputElement)
const history = find('#history', HTMLOListElement)
const chart = find('#chart', SVGSVGElement)
const way = find('#way', HTMLSelectElement)
const signs = { add: '+', subtract: '−', multiply: '×', divide: '÷' }

const here = new URL('.', document.baseURI)
const proxies = {
  http: new JsonProxy(new URL('rpc', here)),
  ws: new JsonProxy(new URL('socket', here).href.replace(/^http/, 'ws')),
}
const proxy = () => proxies[/** @type {'http' | 'ws'} */ (way.value)]

sum.addEventListener('submit', async (event) => {
  event.preventDefault()
  const values = new FormData(sum)
  const operation = /** @type {keyof typeof signs} */ (values.get('operation'))
  const [a, b] = ['a', 'b'].map((name) => Number(String(values.get(name)).replace(',', '.')))
  if (Number.isNaN(a) || Number.isNaN(b)) return show('Please enter two numbers.', true)
  try {
    const value = await proxy().calc[operation](a, b)
    show(String(value), false)
    const line = document.createElement('li')
    line.textContent = `${a} ${signs[operation]} ${b} = ${value}`
    history.prepend(line)
    while (history.children.length > 8) history.lastElementChild?.remove()
  } catch (error) {
    show(reasonOf(error), true)
  }
})

paths.addEventListener('submit', async (event) => {
  event.preventDefault()
  const values = new FormData(paths)
  try {
    draw(await proxy().calc.randompaths({ paths: Number(values.get('paths')), size: Number(values.get('size')) }))
  } catch (error) {
    show(reasonOf(error), true)
  }
})

/** @param {string} text @param {boolean} wrong */
function show(text, wrong) {
  result.textContent = text
  result.classList.toggle('wrong', wrong)
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof RpcError) return `The server says: ${error.message}`
  return `The server does not answer: ${error instanceof Error ? error.message : error}`
}

/** @param {number[][]} walks */
function draw(walks) {
  const all = walks.flat()
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const scale = (high - low) || 1
  chart.replaceChildren(...walks.map((walk, i) => {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
    line.setAttribute('points', walk.map((y, x) => `${(600 * x / (walk.length - 1)).toFixed(1)},${(210 - 200 * (y - low) / scale).toFixed(1)}`).join(' '))
    line.setAttribute('stroke', `hsl(${(220 + 360 * i / walks.length) % 360} 65% 55%)`)
    return line
  }))
}

const server = find('#server', HTMLParagraphElement)
proxy().server_info().then((info) => {
  server.textContent = `Answered by process ${info.server.process_id}, Node.js ${info.system.node}.`
}, (error) => { server.textContent = reasonOf(error) })
paths.requestSubmit()
