// Writes assets.h and assets.c, the C arrays of everything that is drawn or written under assets/.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { assemble } from './applet-assembler.mjs'
import { packDigits, packFont, readGlyphs, readIcons, rgb565 } from './drawings.mjs'
import { paintWallpaper, WALLPAPER_HEIGHT, WALLPAPER_WIDTH } from './wallpaper.mjs'

const BYTES_A_LINE = 20

/** `assets` is the folder of the sources, `folder` the one to write to. */
export function writeAssets({ assets, folder, version }) {
  const read = name => readFileSync(join(assets, name), 'utf8')
  const parts = [
    fontPart(read('font.txt')),
    digitsPart(read('digits.txt')),
    iconsPart(read('icons.txt'), version),
    wallpaperPart(version),
    phonebookPart(read('phonebook.txt')),
    pagesPart(join(assets, 'pages'), version),
    appletsPart(join(assets, 'applets'), version),
  ]
  writeFileSync(join(folder, 'assets.h'), header(parts.map(part => part.header).join('\n')))
  writeFileSync(
    join(folder, 'assets.c'),
    `#include "assets.h"\n\n${parts.map(part => part.source).join('\n')}`,
  )
}

function header(body) {
  return `// Generated from resources/firmware/assets.
#ifndef ASSETS_H
#define ASSETS_H

#include <stdint.h>

struct picture {
  uint8_t width, height;
  // Two pixels a byte, the left one in the upper half.
  const uint8_t *pixels;
  const uint16_t *palette;
};

struct page {
  const char *name;
  const char *text;
};

struct phonebook_entry {
  const char *name;
  const char *number;
};

struct applet {
  const char *name;
  const uint8_t *code;
  uint16_t code_bytes;
  // Numbers that its variables take.
  uint16_t memory;
};

${body}
#endif
`
}

function fontPart(text) {
  const { rows, widths } = packFont(readGlyphs(text))
  return {
    header:
      `#define FONT_HEIGHT ${rows.length / widths.length}\n` +
      `#define FONT_ROWS_CRC 0x${hex(crc32(Buffer.from(rows)))}u\n` +
      `#define FONT_WIDTHS_CRC 0x${hex(crc32(Buffer.from(widths)))}u\n` +
      `extern const uint8_t font_rows[${rows.length}];\n` +
      `extern const uint8_t font_widths[${widths.length}];\n`,
    source: bytes('font_rows', rows) + bytes('font_widths', widths),
  }
}

function digitsPart(text) {
  const digits = packDigits(readGlyphs(text))
  const [{ rows }] = digits
  const all = digits.flatMap(digit => digit.rows)
  return {
    header:
      `#define DIGIT_HEIGHT ${rows.length}\n` +
      `extern const uint16_t digit_rows[${all.length}];\n` +
      `extern const uint8_t digit_widths[${digits.length}];\n`,
    source:
      words('digit_rows', all) +
      bytes(
        'digit_widths',
        digits.map(({ width }) => width),
      ),
  }
}

function iconsPart(text, version) {
  const { palette, icons } = readIcons(text, version)
  const declared = icons.map(({ name }) => `extern const struct picture icon_${name};\n`)
  const drawn = icons.map(
    ({ name, pixels }) =>
      bytes(`icon_${name}_pixels`, pack(pixels), 'static ') +
      `const struct picture icon_${name} = {${pixels[0].length}, ${pixels.length}, ` +
      `icon_${name}_pixels, icon_palette};\n`,
  )
  return {
    header: declared.join(''),
    source: words('icon_palette', palette, 'static ') + drawn.join(''),
  }
}

function wallpaperPart(version) {
  const { palette, pixels } = paintWallpaper(version)
  const rows = []
  for (let at = 0; at < pixels.length; at += WALLPAPER_WIDTH) {
    rows.push(pixels.slice(at, at + WALLPAPER_WIDTH))
  }
  return {
    header: 'extern const struct picture wallpaper;\n',
    source:
      words('wallpaper_palette', palette.map(rgb565), 'static ') +
      bytes('wallpaper_pixels', pack(rows), 'static ') +
      `const struct picture wallpaper = {${WALLPAPER_WIDTH}, ${WALLPAPER_HEIGHT}, ` +
      'wallpaper_pixels, wallpaper_palette};\n',
  }
}

/** Each row begins with a byte of its own. */
function pack(rows) {
  return rows.flatMap(row => {
    const packed = []
    for (let x = 0; x < row.length; x += 2) packed.push((row[x] << 4) | (row[x + 1] ?? 0))
    return packed
  })
}

function phonebookPart(text) {
  const entries = [...text.matchAll(/^(.+); (.+)$/gm)]
    .filter(([, name]) => name !== 'Name')
    .map(([, name, number]) => `  {${JSON.stringify(name)}, ${JSON.stringify(number)}},\n`)
  return {
    header:
      `#define PHONEBOOK_COUNT ${entries.length}\n` +
      'extern const struct phonebook_entry phonebook[PHONEBOOK_COUNT];\n',
    source: `const struct phonebook_entry phonebook[PHONEBOOK_COUNT] = {\n${entries.join('')}};\n`,
  }
}

function pagesPart(folder) {
  const pages = readdirSync(folder)
    .toSorted()
    .map(file => {
      const lines = readFileSync(join(folder, file), 'utf8').replace(/\n$/, '').split('\n')
      const text = lines.map(line => JSON.stringify(`${line}\n`)).join('\n   ')
      return `  {"${basename(file, '.txt')}",\n   ${text}},\n`
    })
  return {
    header: `#define PAGE_COUNT ${pages.length}\nextern const struct page pages[PAGE_COUNT];\n`,
    source: `const struct page pages[PAGE_COUNT] = {\n${pages.join('')}};\n`,
  }
}

function appletsPart(folder, version) {
  const names = version.startsWith('1.') ? ['snake'] : ['snake', 'life']
  const applets = names.map(name => {
    const file = join(folder, `${name}.txt`)
    return { id: name, ...assemble(readFileSync(file, 'utf8'), basename(file)) }
  })
  return {
    header: applets.map(({ id }) => `extern const struct applet applet_${id};\n`).join(''),
    source: applets
      .map(
        ({ id, name, memory, code }) =>
          bytes(`applet_${id}_code`, code, 'static ') +
          `const struct applet applet_${id} = {"${name}", applet_${id}_code, ${code.length}, ` +
          `${memory}};\n`,
      )
      .join(''),
  }
}

function bytes(name, values, scope = '') {
  return array(`${scope}const uint8_t ${name}`, values)
}

function words(name, values, scope = '') {
  return array(`${scope}const uint16_t ${name}`, values)
}

function array(declaration, values) {
  const lines = []
  for (let at = 0; at < values.length; at += BYTES_A_LINE) {
    lines.push(`  ${values.slice(at, at + BYTES_A_LINE).join(', ')},`)
  }
  return `${declaration}[${values.length}] = {\n${lines.join('\n')}\n};\n`
}

function hex(number) {
  return number.toString(16).padStart(8, '0')
}
