/**
 * The name that was probably meant: the fewest letters to change, at most a third of them. Case and the signs between
 * words do not count, so that `header_timeout` finds `headerTimeout`.
 */
export function nearestName(wrong: string, known: readonly string[]): string | undefined {
  const plain = lettersOf(wrong)
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const name of known) {
    const changes = editDistance(plain, lettersOf(name))
    if (changes < fewest) {
      fewest = changes
      best = name
    }
  }
  return best
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** How many letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return at(last, to.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] as number
}
