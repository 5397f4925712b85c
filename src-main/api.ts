// The package's entry for scripts and tests. It never imports electron.
export {
  createWorkbench,
  type Workbench,
  type WorkbenchError,
  type WorkbenchOptions,
} from './workbench'
