/**
 * Reads a .cpuprofile (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile) into a tree of
 * functions with the microseconds spent in each.
 */
import { fileURLToPath } from 'node:url'
import { relative } from 'node:path'
import { rootDirectory } from './paths.mjs'

/** Where a function stands, short: `dist/http/h1/parser.js:12`. */
function place({ url, lineNumber }) {
  if (url === '') return 'native'
  const path = url.startsWith('file://') ? relative(rootDirectory, fileURLToPath(url)) : url
  return `${path}:${lineNumber + 1}`
}

function toFrame({ id, callFrame, children = [] }) {
  return { id, name: callFrame.functionName || '(anonymous)', place: place(callFrame), children, self: 0, total: 0 }
}

/**
 * Microseconds per node. A delta is the time since the sample before, so it counts for that one.
 * @param window `{ from, to }` of the monotonic clock, in microseconds; samples outside are left out
 */
function addSamples(frames, { startTime, samples, timeDeltas }, { from, to }) {
  let at = startTime
  for (let i = 0; i < samples.length; i += 1) {
    at += timeDeltas[i]
    const lasted = timeDeltas[i + 1] ?? 0
    if (at >= from && at < to && lasted > 0) frames.get(samples[i]).self += lasted
  }
}

/** Children of the same function are one: recursion by another path stays apart, as a flame graph wants it. */
function build(frame, frames) {
  const children = frame.children.map((id) => build(frames.get(id), frames)).filter(({ total }) => total > 0)
  children.sort((a, b) => b.total - a.total)
  const total = children.reduce((sum, child) => sum + child.total, frame.self)
  return { name: frame.name, place: frame.place, self: frame.self, total, children }
}

/** The call tree from the root, without the time in which nothing ran. */
export function callTree(profile, window = { from: -Infinity, to: Infinity }) {
  const frames = new Map(profile.nodes.map((node) => [node.id, toFrame(node)]))
  addSamples(frames, profile, window)
  for (const frame of frames.values()) if (frame.name === '(idle)') frame.self = 0
  return build(frames.get(profile.nodes[0].id), frames)
}

/** Functions by the time spent in themselves, most first: `{ name, place, self }`. */
export function selfTimes(tree) {
  const byFunction = new Map()
  const visit = ({ name, place: where, self, children }) => {
    const key = `${name} ${where}`
    const entry = byFunction.get(key) ?? { name, place: where, self: 0 }
    entry.self += self
    byFunction.set(key, entry)
    children.forEach(visit)
  }
  visit(tree)
  return [...byFunction.values()].filter(({ self }) => self > 0).sort((a, b) => b.self - a.self)
}
