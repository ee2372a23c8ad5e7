/** Promises that one moment settles, all of them. */
export class Waiters<T> {
  #waiting: { resolve: (value: T) => void; reject: (error: Error) => void }[] = []

  wait(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  }

  resolve(value: T): void {
    for (const one of this.#take()) one.resolve(value)
  }

  reject(error: Error): void {
    for (const one of this.#take()) one.reject(error)
  }

  #take() {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
