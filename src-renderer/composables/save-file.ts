/** Hands a text to the user as a file, in the browser and in the desktop window alike. */
export function saveTextFile(name: string, text: string, type = 'text/plain'): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The download has its own hold on the content once it was begun.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
