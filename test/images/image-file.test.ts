import { expect, test, vi } from 'vitest'
import { readImageFile } from '../../src-main/cli/image-file'

// Tests may run as root, to whom no file is forbidden.
vi.mock('node:fs/promises', async importOriginal => ({
  ...(await importOriginal<typeof import('node:fs/promises')>()),
  open: async (path: string) => {
    throw Object.assign(new Error(`${path} failed`), { code: path })
  },
}))

test.each([
  ['EACCES', 'EACCES may not be read by you; change its permissions.'],
  ['EPERM', 'EPERM may not be read by you; change its permissions.'],
  ['EIO', 'EIO cannot be read (EIO).'],
])('a file that fails with %s', async (code, message) => {
  const read = readImageFile(code)
  await expect(read).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message,
    data: { path: code },
  })
})
