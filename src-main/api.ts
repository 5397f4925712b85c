// The package's entry for scripts and tests. It never imports electron.
export { createWorkbench, type Workbench, type WorkbenchOptions } from './workbench'
export type { CodedError } from './base/coded-error'
