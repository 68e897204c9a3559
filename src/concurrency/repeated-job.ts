interface Job {
  /** Executes one run of the job. The signal is aborted when the job ends. */
  run: (signal: AbortSignal) => void | Promise<void>
  everyMs: number
  /** Fraction by which the interval varies randomly, so that processes that start together do not run in lockstep. */
  jitter?: number
  /**
   * Called with the error when a run fails. After a failure, `failed` is not called again until a run has succeeded.
   */
  failed: (error: unknown) => void
}

/** Repeats a job at an interval. The first run starts after one interval. Runs never overlap. */
export class RepeatedJob {
  readonly #timer: NodeJS.Timeout
  readonly #ended = new AbortController()
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #hasFailed = false

  constructor(readonly job: Job) {
    const { everyMs, jitter = 0 } = job
    this.#timer = setInterval(() => this.run(), everyMs * (1 + jitter * (2 * Math.random() - 1)))
    this.#timer.unref()
  }

  /** Starts a run now, or joins the run in progress. The returned promise never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /**
   * Resolves after a run that started after this call. If a run is in progress, starts another run when it ends. All
   * calls made before the next run starts share it. The returned promise never rejects.
   */
  runAgain(): Promise<void> {
    if (!this.#running) return this.run()
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      return this.run()
    })
    return this.#next
  }

  async #runOnce(): Promise<void> {
    if (this.#ended.signal.aborted) return
    try {
      await this.job.run(this.#ended.signal)
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed && !this.#ended.signal.aborted) this.job.failed(error)
      this.#hasFailed = true
    }
  }

  /**
   * Stops the repetition, and aborts the signal of the run in progress. Resolves once the run in progress has ended.
   */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#ended.abort()
    await this.#running
  }
}
