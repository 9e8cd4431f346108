/** Figures as people read them, and elements of the page. */

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 0.0095) return `${(seconds * 1000).toFixed(1)} ms`
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** @param {number} bytes */
export function memory(bytes) {
  return bytes === 0 ? '' : `${Math.round(bytes / 1024 ** 2)} MiB`
}

/** @param {number} value */
export function count(value) {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)}k` : value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1)
}

/** @param {number} at milliseconds since 1970 */
export function clock(at) {
  return new Date(at).toLocaleTimeString()
}

/**
 * An element. Text is text: nothing that a client wrote becomes markup.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** @param {string} id */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id))
}
