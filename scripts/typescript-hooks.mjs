// Lets plain Node run the sources in a child process: imports there name no extension.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const isSource = context.parentURL?.endsWith('.ts') && /^\..*\/[\w-]+$/.test(specifier)
    return next(isSource ? `${specifier}.ts` : specifier, context)
  },
})
