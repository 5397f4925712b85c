/** Pixels as a canvas takes them, four bytes each, from RGB565, big-endian, row by row. */
export function rgbaFromRgb565(pixels: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const count = pixels.length >> 1
  const rgba = new Uint8ClampedArray(count * 4)
  for (let at = 0; at < count; at++) {
    const value = ((pixels[at * 2] ?? 0) << 8) | (pixels[at * 2 + 1] ?? 0)
    const [red, green, blue] = [value >> 11, (value >> 5) & 0x3f, value & 0x1f]
    // The highest bits fill the lowest, so that full is full: 31 becomes 255.
    rgba[at * 4] = (red << 3) | (red >> 2)
    rgba[at * 4 + 1] = (green << 2) | (green >> 4)
    rgba[at * 4 + 2] = (blue << 3) | (blue >> 2)
    rgba[at * 4 + 3] = 0xff
  }
  return rgba
}
