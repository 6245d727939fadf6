import type { LinesOperation } from '@rt/driver-api'
import { feed, quote, quoteAll } from './quote.ts'

const LIVE = String.raw`$'^[^#].*\t# [0-9a-f]{12}$'`
/** From the first line that is marked, or has been. */
const MARKED = String.raw`$'/^[^#].*\t# [0-9a-f]{12}$|^#.*\t# -[0-9]{10} $/,$d'`

/** As rt does it but for the lock, and for the care about readers that steps/lines-text.ts takes. */
export const linesLines = (step: LinesOperation): string[] => {
  switch (step.op) {
    case 'lines.make':
      return makeLines(step)
    case 'lines.add':
      return [
        ...(step.replaces === undefined ? [] : removeLines(step.directory, step.replaces)),
        `for file in ${quote(step.directory)}/*; do`,
        `  printf '%s\\n' ${step.lines.map((line) => quote(line)).join(' ')} >> "$file"`,
        'done',
      ]
    case 'lines.join':
      return [
        `ln -sfn -- ${quoteAll([step.path, step.link])}`,
        `grep -hE ${LIVE} -- ${quote(step.from)} >> ${quote(step.path)} || true`,
      ]
    case 'lines.part':
      return [
        `rm -f -- ${quote(step.link)}`,
        // Into the file as it is, which the container has mounted.
        `rest=$(grep -vxF -f <(grep -hE ${LIVE} -- ${quote(step.from)}) -- ${quote(step.path)} || true)`,
        `printf '%s\\n' "$rest" > ${quote(step.path)}`,
      ]
    case 'lines.remove':
      return removeLines(step.directory, step.marker)
  }
}

const makeLines = ({ path, head, from, links, own }: LinesOperation & { readonly op: 'lines.make' }): string[] => {
  const make = [
    ...feed(`cat > ${quote(`${path}.new`)}`, head),
    ...(from.length === 0 ? [] : [`grep -hE ${LIVE} -- ${quoteAll(from)} >> ${quote(`${path}.new`)} || true`]),
    `mv -- ${quoteAll([`${path}.new`, path])}`,
  ]
  const link = (name: string): string =>
    own ? `ln -sfn -- ${quoteAll([path, name])}` : `[ -e ${quote(name)} ] || ln -- ${quoteAll([path, name])}`
  return [...(own ? make : [`if [ ! -e ${quote(path)} ]; then`, ...make, 'fi']), ...links.map(link)]
}

/** Into the file as it is, which others have mounted; where nobody else has a line, another one takes its place. */
const removeLines = (directory: string, marker: string): string[] => [
  `for file in ${quote(directory)}/*; do`,
  '  [ -e "$file" ] || continue',
  `  others=$(grep -E ${LIVE} "$file" | grep -v '# ${marker}$' || true)`,
  '  if [ -z "$others" ] && [ ! -L "$file" ] && [ "$(stat -c %h "$file")" = 1 ]; then',
  `    sed -E ${MARKED} "$file" > ${quote(`${directory}/.new`)}`,
  `    mv -- ${quote(`${directory}/.new`)} "$file"`,
  '    continue',
  '  fi',
  String.raw`  { grep -bE $'^[^#].*\t# ${marker}$' "$file" || true; } | while IFS= read -r found; do`,
  `    at=\${found%%:*} line=\${found#*:}`,
  `    printf '#' | dd of="$file" bs=1 seek="$at" conv=notrunc status=none`,
  `    printf -- '-%(%s)T ' -1 | dd of="$file" bs=1 seek="$((at + \${#line} - ${marker.length}))" conv=notrunc status=none`,
  '  done',
  'done',
]
