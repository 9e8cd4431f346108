/**
 * All routes of a router as a tree of segments. Finding one takes a step for each segment of the path, however many routes
 * there are. Of the routes that match it is the one that has a literal where another has a variable, at the first such
 * segment; of those that are alike in this, the one that was defined first.
 */
import type { ParamValue } from './converter.ts'
import { matchNative, type Route, type Step } from './route.ts'
import type { Pattern } from './pattern.ts'

/** What was found, and the values of its variables in their order. */
export interface Found<T> {
  readonly target: T
  readonly values: readonly ParamValue[]
  /** How much of the path was matched: all of it, or for a prefix the part before the rest's slash. */
  readonly length: number
}

/** A route's end. */
interface Leaf<T> {
  readonly target: T
  /** The place in the order of definition. */
  readonly order: number
  /** For each segment whether it is literal; what a variable for all of the rest, or a prefix, takes is not. */
  readonly literal: readonly boolean[]
  /** A prefix: the rest of the path is somebody else's. */
  readonly isPrefix: boolean
}

/** A way on from a node by a variable. */
interface Edge<T> {
  readonly pattern: Pattern
  /** Undefined where the pattern takes all of the rest. */
  readonly node: Node<T> | undefined
  readonly leaf: Leaf<T> | undefined
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>
  readonly edges: Edge<T>[]
  /** The route that ends here. */
  leaf: Leaf<T> | undefined
  /** What takes every path that goes on from here. */
  prefix: Leaf<T> | undefined
}

const NONE: readonly ParamValue[] = []

export class RouteTable<T> {
  /** Routes without variables, by their whole path: they win in any case, each of their segments being literal. */
  readonly #literal = new Map<string, Found<T>>()
  readonly #root: Node<T> = newNode()
  #size = 0

  /** How many routes there are. */
  get size(): number {
    return this.#size
  }

  /** Adds a route behind those that are there; one that can never be found, because an earlier one matches the same, is left out. */
  add(route: Route<string, string>, target: T): void {
    const isNew = this.#addLeaf(route.steps, { target, order: this.#size++, literal: literalness(route.steps), isPrefix: false })
    if (!isNew || !route.steps.every(({ kind }) => kind === 'literal')) return
    const path = `/${route.steps.map((step) => (step.kind === 'literal' ? step.text : '')).join('/')}`
    this.#literal.set(path, { target, values: NONE, length: path.length })
  }

  /** Adds what takes the path of a route and every path below it. */
  addPrefix(route: Route<string, string>, target: T): void {
    const steps = route.isLeaf ? route.steps : route.steps.slice(0, -1)
    const leaf = { target, order: this.#size++, literal: literalness(steps), isPrefix: true }
    const node = this.#nodeOf(steps)
    node.leaf ??= leaf
    node.prefix ??= leaf
  }

  /** @param path a native string that begins with a slash */
  find(path: string): Found<T> | undefined {
    return this.#literal.get(path) ?? this.#search(path)
  }

  #search(path: string): Found<T> | undefined {
    const values: ParamValue[] = []
    const search = new Search<T>(path, values)
    const leaf = search.from(this.#root, 1)
    return leaf === undefined ? undefined : { target: leaf.target, values, length: leaf.isPrefix ? search.prefixLength : path.length }
  }

  /** False where the place is taken. */
  #addLeaf(steps: readonly Step[], leaf: Leaf<T>): boolean {
    const last = steps.at(-1)
    if (last?.kind !== 'rest') {
      const node = this.#nodeOf(steps)
      if (node.leaf !== undefined) return false
      node.leaf = leaf
      return true
    }
    const { edges } = this.#nodeOf(steps.slice(0, -1))
    if (edges.some((edge) => edge.node === undefined && edge.pattern.shape === last.pattern.shape)) return false
    edges.push({ pattern: last.pattern, node: undefined, leaf })
    return true
  }

  #nodeOf(steps: readonly Step[]): Node<T> {
    let node = this.#root
    for (const step of steps) node = step.kind === 'literal' ? literalChild(node, step.text) : variableChild(node, step.pattern)
    return node
  }
}

function newNode<T>(): Node<T> {
  return { literals: new Map(), edges: [], leaf: undefined, prefix: undefined }
}

function literalChild<T>(node: Node<T>, text: string): Node<T> {
  const known = node.literals.get(text)
  if (known !== undefined) return known
  const made = newNode<T>()
  node.literals.set(text, made)
  return made
}

function variableChild<T>(node: Node<T>, pattern: Pattern): Node<T> {
  for (const edge of node.edges) if (edge.node !== undefined && edge.pattern.shape === pattern.shape) return edge.node
  const made = newNode<T>()
  node.edges.push({ pattern, node: made, leaf: undefined })
  return made
}

const literalness = (steps: readonly Step[]): boolean[] => steps.map(({ kind }) => kind === 'literal')

/** Whether a route comes before another that matches the same path. */
function isBefore<T>(one: Leaf<T>, other: Leaf<T>): boolean {
  const length = Math.max(one.literal.length, other.literal.length)
  for (let i = 0; i < length; i++) {
    const literal = one.literal[i] ?? false
    if (literal !== (other.literal[i] ?? false)) return literal
  }
  return one.order < other.order
}

/** One walk through the tree: it visits no node twice, as the place in the path follows from the node. */
class Search<T> {
  prefixLength = 0
  readonly #path: string
  readonly #values: ParamValue[]

  constructor(path: string, values: ParamValue[]) {
    this.#path = path
    this.#values = values
  }

  /** What the path from `start` on leads to; the values found on the way are added. */
  from(node: Node<T>, start: number): Leaf<T> | undefined {
    const path = this.#path
    const slash = path.indexOf('/', start)
    const segment = path.slice(start, slash < 0 ? path.length : slash)
    const literal = node.literals.get(segment)
    if (literal !== undefined) {
      const leaf = this.#end(literal, slash)
      if (leaf !== undefined) return leaf
    }
    const { edges, prefix } = node
    const { length } = this.#values
    const [edge] = edges
    const found = edge === undefined ? undefined : edges.length === 1 ? this.#along(edge, segment, start, slash) : this.#best(edges, segment, start, slash)
    if (prefix === undefined || (found !== undefined && isBefore(found, prefix))) return found
    this.#values.length = length
    this.prefixLength = start - 1
    return prefix
  }

  /** On from behind a segment: the route that ends there, or what follows the slash. */
  #end(node: Node<T>, slash: number): Leaf<T> | undefined {
    if (slash >= 0) return this.from(node, slash + 1)
    if (node.leaf?.isPrefix === true) this.prefixLength = this.#path.length
    return node.leaf
  }

  #along(edge: Edge<T>, segment: string, start: number, slash: number): Leaf<T> | undefined {
    const values = this.#values
    if (edge.node === undefined) return matchNative(edge.pattern, this.#path.slice(start), values) ? edge.leaf : undefined
    const { length } = values
    if (!matchNative(edge.pattern, segment, values)) return undefined
    const leaf = this.#end(edge.node, slash)
    if (leaf === undefined) values.length = length
    return leaf
  }

  /** Of several ways the one to the route that comes before the others. */
  #best(edges: readonly Edge<T>[], segment: string, start: number, slash: number): Leaf<T> | undefined {
    const values = this.#values
    const { length } = values
    let best: Leaf<T> | undefined
    let bestValues: ParamValue[] = []
    let bestPrefix = 0
    for (const edge of edges) {
      const leaf = this.#along(edge, segment, start, slash)
      if (leaf !== undefined && (best === undefined || isBefore(leaf, best))) {
        best = leaf
        bestValues = values.slice(length)
        bestPrefix = this.prefixLength
      }
      values.length = length
    }
    for (const value of bestValues) values.push(value)
    this.prefixLength = bestPrefix
    return best
  }
}
