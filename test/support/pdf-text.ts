/** Reads the words back out of a PDF's compressed streams by its fonts' own maps: what a reader sees, not what the writer was given. */
import { inflateSync } from 'node:zlib'

/** Line by line as drawn; all spaces are the same one. Right-to-left words come last letter first. */
export function pdfText(pdf: Buffer): string {
  const objects = objectsOf(pdf)
  const fonts = new Map<string, Map<string, string>>()
  for (const { head } of objects.values())
    for (const [, list = ''] of head.matchAll(/\/Font <<([^>]*)>>/g))
      for (const [, name = '', id = ''] of list.matchAll(/\/(F\d+) (\d+) 0 R/g))
        fonts.set(name, mapOf(objects, id))
  let text = ''
  for (const { head, stream } of objects.values()) {
    if (/\/Type|\/Length1|\/Subtype/.test(head) || !/\bTJ\b/.test(stream)) continue
    text += contentText(stream, fonts)
  }
  return text.replace(/[\u00a0\u202f]/g, ' ')
}

interface PdfObject {
  readonly head: string
  readonly stream: string
}

function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const objects = new Map<string, PdfObject>()
  const raw = pdf.toString('latin1')
  for (const match of raw.matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const from = match.index + match[0].length
    const end = raw.indexOf('\nendobj', from)
    const body = raw.slice(from, end)
    const at = body.indexOf('stream\n')
    const head = at < 0 ? body : body.slice(0, at)
    objects.set(match[1] ?? '', { head, stream: at < 0 ? '' : inflated(head, body.slice(at + 7)) })
  }
  return objects
}

function inflated(head: string, stream: string): string {
  const bytes = Buffer.from(stream, 'latin1')
  return head.includes('/FlateDecode') ? inflateSync(bytes).toString('latin1') : stream
}

function mapOf(objects: ReadonlyMap<string, PdfObject>, fontId: string): Map<string, string> {
  const [, unicodeId = ''] = /\/ToUnicode (\d+) 0 R/.exec(objects.get(fontId)?.head ?? '') ?? []
  const map = new Map<string, string>()
  const cmap = objects.get(unicodeId)?.stream ?? ''
  for (const [, first = '', list = ''] of cmap.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g))
    [...list.matchAll(/<([0-9a-f ]*)>/g)].forEach(([, hex = ''], index) => {
      const units = hex.replaceAll(' ', '').match(/.{4}/g) ?? []
      const code = (Number.parseInt(first, 16) + index).toString(16).padStart(4, '0')
      map.set(code, String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16))))
    })
  return map
}

function contentText(content: string, fonts: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  let [text, map, lastY] = ['', new Map<string, string>() as ReadonlyMap<string, string>, '']
  for (const [, y, font, array] of content.matchAll(
    /1 0 0 1 [\d.-]+ ([\d.-]+) Tm|\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g,
  )) {
    if (font !== undefined) map = fonts.get(font) ?? map
    if (y !== undefined && y !== lastY) {
      text += '\n'
      lastY = y
    }
    for (const [, hex = ''] of (array ?? '').matchAll(/<([0-9a-f]*)>/g))
      for (const code of hex.match(/.{4}/g) ?? []) text += map.get(code) ?? '?'
  }
  return text
}
