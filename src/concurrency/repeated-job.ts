interface Job {
  /** Executes one run of the job. `signal` is aborted when `RepeatedJob.end` is called. */
  run: (signal: AbortSignal) => void | Promise<void>
  everyMs: number
  /**
   * Fraction by which the job's interval varies randomly, so that processes that start together do not run the job in
   * lockstep.
   */
  jitter?: number
  /** Called with the error if a run fails, but only for the first of several failures in a row. */
  failed: (error: unknown) => void
}

/** Repeats a job at a regular interval. The job's first run starts after one interval. Runs never overlap. */
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

  /** Starts a run of the job now, or joins the run in progress. The returned promise never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /**
   * Waits for a run of the job that starts after this call. If a run is in progress, another run follows when the
   * current run ends. All `runAgain` calls during a run share the next run. The returned promise never rejects.
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
   * Stops repeating the job, and aborts the signal of the run in progress. Resolves once the run in progress has ended.
   */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#ended.abort()
    await this.#running
  }
}
