/** Charts over time, in SVG. */
import { clock, element } from './text.js'

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 600
const HEIGHT = 100
const MOST_SERIES = 6
/** Seconds that a chart has at least. */
const LEAST = 60

/**
 * @typedef {{ at: number, values: Record<string, number> }} Point
 * @typedef {{ figure: HTMLElement, seconds: number, kind: 'area' | 'lines' | 'bars', show: (value: number) => string, name: string }} ChartOptions
 */

export class Chart {
  /** @type {Point[]} */
  #points = []
  #pointed = -1

  /** @param {ChartOptions} options */
  constructor(options) {
    this.options = options
    this.seconds = LEAST
    const { figure } = options
    this.caption = /** @type {HTMLElement} */ (figure.querySelector('figcaption'))
    this.title = this.caption.textContent ?? ''
    this.svg = document.createElementNS(SVG, 'svg')
    this.svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
    this.svg.setAttribute('preserveAspectRatio', 'none')
    this.svg.setAttribute('role', 'img')
    this.top = element('span', { class: 'top' })
    this.from = element('span')
    this.to = element('span')
    const plot = element('div', { class: 'plot' }, this.svg, this.top)
    figure.append(plot, element('div', { class: 'times' }, this.from, this.to))
    plot.addEventListener('pointermove', (event) => this.#point(event))
    plot.addEventListener('pointerleave', () => {
      this.#pointed = -1
      this.#draw()
    })
  }

  /** @param {Point[]} points the oldest first, one a second */
  show(points) {
    this.#points = points.slice(-this.options.seconds)
    // A server that was just started need not show an empty chart.
    this.seconds = Math.min(this.options.seconds, Math.max(LEAST, this.#points.length))
    this.#draw()
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { left, width } = this.svg.getBoundingClientRect()
    const missing = this.seconds - this.#points.length
    const at = Math.round((event.clientX - left) / width * (this.seconds - 1)) - missing
    this.#pointed = at >= 0 && at < this.#points.length ? at : -1
    this.#draw()
  }

  #names() {
    const sums = new Map()
    for (const { values } of this.#points) for (const [name, value] of Object.entries(values)) sums.set(name, (sums.get(name) ?? 0) + value)
    const names = [...sums.keys()]
    return this.options.kind === 'bars' ? names.sort((a, b) => sums.get(b) - sums.get(a)).slice(0, MOST_SERIES) : names
  }

  #draw() {
    const { kind, show, name: what } = this.options
    const { seconds } = this
    const points = this.#points
    const names = this.#names()
    const heights = points.map(({ values }) => kind === 'bars' ? names.reduce((sum, name) => sum + (values[name] ?? 0), 0)
      : Math.max(0, ...names.map((name) => values[name] ?? 0)))
    const top = niceTop(Math.max(0, ...heights))
    const x = (/** @type {number} */ i) => (seconds - points.length + i) / (seconds - 1) * WIDTH
    const y = (/** @type {number} */ value) => HEIGHT - value / top * HEIGHT
    const shapes = [line(0, HEIGHT, WIDTH, HEIGHT), line(0, HEIGHT / 2, WIDTH, HEIGHT / 2), line(0, 0, WIDTH, 0)]
    const floor = points.map(() => 0)
    names.forEach((name, order) => {
      const values = points.map(({ values }) => values[name] ?? 0)
      if (kind === 'bars') {
        shapes.push(path(values.map((value, i) => value === 0 ? '' : bar(x(i), y(floor[i] + value), y(floor[i]), WIDTH / seconds)).join(''), `bar s${order}`))
        values.forEach((value, i) => { floor[i] += value })
        return
      }
      const stroke = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join('')
      if (kind === 'area' && points.length > 0) shapes.push(path(`${stroke}L${x(points.length - 1)} ${HEIGHT}L${x(0)} ${HEIGHT}Z`, `area s${order}`))
      shapes.push(path(stroke, `s${order}`))
    })
    const at = this.#pointed < 0 ? points.length - 1 : this.#pointed
    if (this.#pointed >= 0) shapes.push(line(x(at), 0, x(at), HEIGHT))
    this.svg.replaceChildren(...shapes)
    this.#tell(names, at, top, show, what)
  }

  /**
   * @param {string[]} names @param {number} at @param {number} top @param {(value: number) => string} show @param {string} what
   */
  #tell(names, at, top, show, what) {
    const point = this.#points[at]
    // Of what is no count there need not be one: no request, no time.
    const told = (/** @type {number | undefined} */ value) => value === undefined && this.options.kind === 'lines' ? '–' : show(value ?? 0)
    const legends = names.map((name, order) => element('span', { class: `legend s${order}` }, `${name} ${point === undefined ? '' : told(point.values[name])}`))
    const when = this.#pointed >= 0 && point !== undefined ? [element('span', { class: 'legend' }, clock(point.at))] : []
    this.caption.replaceChildren(this.title, ...legends, ...when)
    this.top.textContent = show(top)
    const [first] = this.#points
    const last = this.#points.at(-1)
    this.from.textContent = first === undefined ? '' : clock(last.at - (this.seconds - 1) * 1000)
    this.to.textContent = last === undefined ? '' : clock(last.at)
    const now = names.map((name) => `${name} ${told(last?.values[name])}`).join(', ')
    this.svg.setAttribute('aria-label', `${what} of the last minutes; now ${now === '' ? 'none' : now}; at most ${show(top)}`)
  }
}

/** The least of 1, 2, 5 times a power of ten that is not below. @param {number} value */
function niceTop(value) {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value * 0.999) ?? 10) * power
}

/** @param {number} x @param {number} from @param {number} to @param {number} width */
function bar(x, from, to, width) {
  return `M${(x - width / 2).toFixed(1)} ${from.toFixed(1)}h${width.toFixed(1)}V${to.toFixed(1)}h${(-width).toFixed(1)}Z`
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(x1, y1, x2, y2) {
  const made = document.createElementNS(SVG, 'line')
  for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) made.setAttribute(name, String(value))
  return made
}

/** @param {string} d @param {string} kind */
function path(d, kind) {
  const made = document.createElementNS(SVG, 'path')
  made.setAttribute('d', d)
  made.setAttribute('class', kind)
  return made
}
