// @ts-check
/** Asks for points, draws them, and asks again; where the connection ends, it opens another. */

/** @template {Element} T @param {string} selector @param {new () => T} type @returns {T} */
function find(selector, type) {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`there is no ${selector}`)
  return found
}

const state = find('#state', HTMLElement)
const line = find('polyline', SVGPolylineElement)
const run = find('#run', HTMLButtonElement)
const url = new URL('graph-data', document.baseURI)
url.protocol = url.protocol.replace('http', 'ws')

let paused = false
let graphs = 0
/** @type {WebSocket} */
let socket

function ask() {
  if (!paused && socket.readyState === WebSocket.OPEN) socket.send('more')
}

function connect() {
  socket = new WebSocket(url)
  socket.onopen = ask
  socket.onmessage = ({ data }) => {
    /** @type {[number, number][]} */
    const points = JSON.parse(data)
    line.setAttribute('points', points.map(([x, y]) => `${(600 * x / (points.length - 1)).toFixed(1)},${(230 - 220 * y).toFixed(1)}`).join(' '))
    graphs += 1
    state.textContent = `${graphs} graph${graphs === 1 ? '' : 's'} of ${points.length} points`
    setTimeout(ask, 500)
  }
  socket.onclose = () => {
    state.textContent = 'Connection lost, trying again'
    setTimeout(connect, 1000 + 2000 * Math.random())
  }
}

run.addEventListener('click', () => {
  paused = !paused
  run.textContent = paused ? 'Go on' : 'Pause'
  run.setAttribute('aria-pressed', String(!paused))
  ask()
})
connect()
