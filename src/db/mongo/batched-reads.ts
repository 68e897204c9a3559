import DataLoader from 'dataloader'
import { batched, probe } from '../../telemetry/probe'

const keysABatch = 1_000

/** Batches reads: one query answers all reads that are requested in one turn of the event loop. */
export class BatchedReads<K, V> {
  readonly #loader: DataLoader<K, V>
  /** The trace contexts of the waiting reads, in order. */
  readonly #places: unknown[] = []

  constructor(name: string, read: (keys: readonly K[]) => Promise<V[]>) {
    const readAll = (keys: readonly K[]): Promise<V[]> =>
      batched(name, probe ? this.#places.splice(0, keys.length) : [], () => read(keys))
    this.#loader = new DataLoader(readAll, {
      cache: false,
      maxBatchSize: keysABatch,
      batchScheduleFn: run => void setImmediate(run),
    })
  }

  load(key: K): Promise<V> {
    if (probe) this.#places.push(probe.traceContext())
    return this.#loader.load(key)
  }
}
