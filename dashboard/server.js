/** The admin server, as the page talks to it. The token is kept for as long as the tab is open. */
import { byId } from './text.js'

const KEY = 'pulsar-admin-token'
const AGAIN = 2000

let token = sessionStorage.getItem(KEY)

/** @returns {Promise<void>} when the user has given one */
function askForToken() {
  const dialog = /** @type {HTMLDialogElement} */ (byId('ask-token'))
  const field = /** @type {HTMLInputElement} */ (byId('token'))
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      token = field.value
      sessionStorage.setItem(KEY, token)
      field.value = ''
      resolve()
    }, { once: true })
    if (!dialog.open) dialog.showModal()
  })
}

/** @param {string} path @param {RequestInit} init @returns {Promise<any>} */
async function ask(path, init) {
  const headers = { ...init.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) }
  const response = await fetch(path, { ...init, headers })
  if (response.status === 401) {
    await askForToken()
    return ask(path, init)
  }
  const told = await response.json()
  if (!response.ok) throw new Error(told.error ?? `the server answers ${response.status}`)
  return told
}

/** @param {string} path @param {object} body */
export function order(path, body = {}) {
  return ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
}

/**
 * What is new each second, for ever: a connection that is lost is opened again.
 * @param {(message: any) => void} take
 * @param {() => void} lost
 */
export async function follow(take, lost) {
  for (;;) {
    try {
      // Asked in the plain way first, which tells whether a token is wanted.
      await ask('status', {})
      await listen(take)
    } catch {
      // Told below; and it is tried again.
    }
    lost()
    await new Promise((resolve) => setTimeout(resolve, AGAIN))
  }
}

/** @param {(message: any) => void} take */
function listen(take) {
  const url = new URL('live', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const protocols = token === null ? ['pulsar-admin'] : ['pulsar-admin', `token.${coded(token)}`]
  const socket = new WebSocket(url, protocols)
  socket.addEventListener('message', ({ data }) => take(JSON.parse(data)))
  return new Promise((resolve) => socket.addEventListener('close', resolve))
}

/** In characters that a subprotocol may have. @param {string} text */
function coded(text) {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
