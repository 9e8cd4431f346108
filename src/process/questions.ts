/** Questions to another process, each with a ticket by which its answer finds whoever asked. */
export class Questions<Answer> {
  private readonly waiting = new Map<number, (answer: Answer | undefined) => void>()
  private last = 0

  /**
   * Undefined where no answer comes in time.
   * @param patience milliseconds
   * @param send sends the question
   */
  ask(patience: number, send: (ticket: number) => void): Promise<Answer | undefined> {
    const ticket = ++this.last
    return new Promise((resolve) => {
      const late = setTimeout(() => this.answer(ticket, undefined), patience)
      this.waiting.set(ticket, (answer) => {
        clearTimeout(late)
        resolve(answer)
      })
      send(ticket)
    })
  }

  /** One that comes too late is for nobody. */
  answer(ticket: number, answer: Answer | undefined): void {
    const take = this.waiting.get(ticket)
    this.waiting.delete(ticket)
    take?.(answer)
  }

  /** Nobody answers any more. */
  giveUp(): void {
    for (const ticket of [...this.waiting.keys()]) this.answer(ticket, undefined)
  }
}
