import { readFile, stat } from 'node:fs/promises'
import { CodedError } from '../base/coded-error'

/** What a port that would not open means, in words and with what to do. */
export async function serialOpenError(path: string, error: Error): Promise<CodedError> {
  const fail = (code: string, message: string) =>
    new CodedError(code, message, { path }, { cause: error })
  const text = error.message
  if (/lock|busy|EBUSY|resource temporarily unavailable/i.test(text)) {
    return fail('LINK_BUSY', `${path} is in use by another program. Close that program first.`)
  }
  if (/permission denied|access denied|EACCES|EPERM/i.test(text)) {
    return fail('LINK_DENIED', `${path} may not be opened by you. ${await howToBeAllowed(path)}`)
  }
  if (/no such (file|device)|not found|ENOENT|ENXIO|ENODEV/i.test(text)) {
    const advice = 'Check the cable; "kintsugi ports" lists the ports that are there'
    return fail('LINK_NOT_FOUND', `There is no port ${path}. ${advice}.`)
  }
  if (/inappropriate ioctl|ENOTTY|is a directory|EISDIR|no tcgetattr/i.test(text)) {
    return fail('LINK_NOT_FOUND', `${path} is no serial port.`)
  }
  return fail('LINK_NOT_FOUND', `${path} cannot be opened: ${text}.`)
}

async function howToBeAllowed(path: string): Promise<string> {
  const group = await groupOf(path)
  if (group === undefined) return 'Ask whoever runs this computer for access to it.'
  return `Join its group "${group}" (sudo usermod -aG ${group} $USER) and log in again.`
}

/** Name of the group that owns a device node; undefined where there is no such thing. */
async function groupOf(path: string): Promise<string | undefined> {
  try {
    const { gid } = await stat(path)
    const groups = await readFile('/etc/group', 'utf8')
    const line = groups.split('\n').find(entry => entry.split(':')[2] === String(gid))
    return line?.split(':')[0]
  } catch {
    return undefined
  }
}
