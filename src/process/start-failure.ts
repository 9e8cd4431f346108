/** The first start failed. */
export class StartFailure extends Error {
  override readonly name: string = 'StartFailure'
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}
