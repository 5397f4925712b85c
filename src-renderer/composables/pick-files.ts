/** Opens the system's file dialog. Resolves with nothing where it was cancelled. */
export function pickFiles(): Promise<readonly File[]> {
  return new Promise(done => {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.addEventListener('change', () => done([...(input.files ?? [])]))
    input.addEventListener('cancel', () => done([]))
    input.click()
  })
}
