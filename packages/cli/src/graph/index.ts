export { drawMermaid } from './mermaid.ts'
export { drawSvg } from './svg.ts'
export { drawText } from './text.ts'
