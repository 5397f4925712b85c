#!/usr/bin/env node
// The command line: the right Node, a build that is fresh, then the command in this process.
import { hasRightNode } from './pinned-node.mjs'

if (await hasRightNode()) {
  const { ensureBuilt } = await import('./build.mjs')
  try {
    await ensureBuilt()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  await import('../out/main/cli.js')
}
