import { findWorker, type WorkerScript } from './find-worker'

/** The script of the CPUs' worker; see `findWorker`. */
export function findCpuWorker(from: string): WorkerScript {
  return findWorker('cpu-worker', from)
}
