/** Text as text of a page. */
export const esc = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** One page that needs nothing else: no network, no font, no style and no script but its own; for light and dark, wide and narrow. */
export const htmlDocument = (page: {
  readonly title: string
  readonly language: string
  readonly style?: string
  readonly body: string
  readonly script?: string
}): string => `<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${esc(page.title)}</title>
<link rel="icon" href="data:,">
<style>
${STYLE}${page.style ?? ''}</style>
</head>
<body>
<main>
${page.body}
</main>
${page.script === undefined ? '' : `<script>\n${page.script}</script>\n`}</body>
</html>
`

const STYLE = `:root{--back:#fafaf8;--card:#fff;--text:#1b1b1a;--soft:#62625d;--line:#dedcd5;--code:#f1f0ea;--link:#0b57a4;--c1:#2f6fb5;--c2:#b35c1e;--c3:#3c7d4f;--c4:#8b4a9c;--good:#2c7a3f;--bad:#b3372d}
@media(prefers-color-scheme:dark){:root{--back:#17181a;--card:#1f2124;--text:#e6e5e1;--soft:#a09f99;--line:#393b40;--code:#282a2e;--link:#7fb4ef;--c1:#6ea8e6;--c2:#e39a5f;--c3:#7cc191;--c4:#c792d6;--good:#7cc98d;--bad:#ee8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.4rem;line-height:1.3;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:0 0 .5rem}
p{margin:.4rem 0}
a{color:var(--link)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
pre{background:var(--code);border-radius:6px;padding:.6rem .75rem;margin:.4rem 0;overflow-x:auto;tab-size:4}
.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem}
summary{cursor:pointer}
`
