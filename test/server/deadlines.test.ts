import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Deadlines, type Watched } from '../../src/server/deadlines.ts'

class Member implements Watched {
  place = -1
  deadline = 0
  looks = 0
  ended = 0
  readonly name: number
  private readonly whenDue: (member: Member) => void

  constructor(name: number, whenDue: (member: Member) => void = () => {}) {
    this.name = name
    this.whenDue = whenDue
  }

  due(): void {
    this.deadline = 0
    this.ended++
    this.whenDue(this)
  }

  look(): void { this.looks++ }
}

/** A tick of 10 ms, the shortest. */
const shortest = 80
const until = async (ready: () => boolean): Promise<void> => { while (!ready()) await delay(5) }
const names = (deadlines: Deadlines<Member>): number[] => deadlines.watched.map(({ name }) => name).sort((a, b) => a - b)

describe('deadlines', () => {
  test('know who is there, whoever leaves', () => {
    const deadlines = new Deadlines<Member>(shortest)
    const members = [0, 1, 2, 3, 4].map((name) => new Member(name))
    for (const member of members) deadlines.add(member)
    for (const name of [0, 4, 2]) deadlines.remove(members[name] as Member)
    assert.deepEqual(names(deadlines), [1, 3])
    deadlines.remove(members[0] as Member)
    assert.deepEqual(names(deadlines), [1, 3])
    deadlines.add(members[0] as Member)
    assert.deepEqual(names(deadlines), [0, 1, 3])
    for (const name of [0, 1, 3]) deadlines.remove(members[name] as Member)
    assert.deepEqual(names(deadlines), [])
  })

  test('each that has passed is told once, also where those that are told leave, and others with them', async () => {
    const deadlines = new Deadlines<Member>(shortest)
    const members: Member[] = []
    const leave = (member: Member): void => {
      deadlines.remove(member)
      // Its neighbour has no limit, and goes with it.
      if (member.name % 10 === 0) deadlines.remove(members[member.name + 1] as Member)
    }
    for (let name = 0; name < 200; name++) members.push(new Member(name, leave))
    for (const member of members) {
      deadlines.add(member)
      if (member.name % 5 === 0) member.deadline = deadlines.after(1)
    }
    await until(() => members.every(({ name, ended }) => ended > 0 || name % 5 > 0))
    assert.ok(members.every(({ name, ended }) => ended === (name % 5 === 0 ? 1 : 0)))
    assert.deepEqual(names(deadlines), members.filter(({ name }) => name % 5 > 0 && name % 10 !== 1).map(({ name }) => name))
    const stayed = [...deadlines.watched]
    const before = stayed.map(({ looks }) => looks)
    await until(() => stayed.every(({ looks }, index) => looks > (before[index] as number)))
    for (const member of stayed) deadlines.remove(member)
  })

  test('what comes when all have left is watched too', async () => {
    const deadlines = new Deadlines<Member>(shortest)
    const first = new Member(1)
    deadlines.add(first)
    await until(() => first.looks > 0)
    deadlines.remove(first)
    const second = new Member(2)
    deadlines.add(second)
    await until(() => second.looks > 0)
    assert.deepEqual(names(deadlines), [2])
    deadlines.remove(second)
  })
})
