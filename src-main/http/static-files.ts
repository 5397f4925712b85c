import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { errorResponse } from './error-answer'

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Answers with the file of the renderer folder that a page's path names, or 404. */
export async function serveFile(rendererDir: string, pathname: string): Promise<Response> {
  const file = rendererFile(rendererDir, pathname)
  const content = file && (await readFile(file).catch(() => undefined))
  if (!file || !content) {
    return errorResponse({ status: 404, code: 'NOT_FOUND', message: 'There is no such page.' })
  }
  const type = MEDIA_TYPES[extname(file)] ?? 'application/octet-stream'
  return new Response(content, { headers: { 'content-type': type } })
}

/** The path of that file; undefined for everything that lies, or might lie, outside the folder. */
export function rendererFile(rendererDir: string, pathname: string): string | undefined {
  const name = decoded(pathname === '/' ? '/index.html' : pathname)
  if (name === undefined || /[\0\\]/.test(name)) return undefined
  const folder = normalize(rendererDir)
  const file = normalize(join(folder, name))
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : undefined
}

function decoded(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return undefined
  }
}
