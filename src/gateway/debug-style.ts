/** The style of the debug page: light and dark by what the reader's system says, system fonts, narrow screens included. */
export const debugStyle: string = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --text: #1d2430;
  --dim: #5d6878; --rule: #dfe3ea; --mark: #b3261e; --here: #fdecea; --code: #f1f3f6
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171c; --card: #1c2128; --text: #e4e8ee;
    --dim: #98a3b3; --rule: #313945; --mark: #ff8a80; --here: #43242a; --code: #161a20
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem }
header { padding-top: 1.5rem }
.status { margin: 0; color: var(--mark); font-weight: 600 }
.request { margin: 0.15rem 0 0; overflow-wrap: anywhere }
code, pre, td { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.86rem }
section { margin: 1rem 0; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--rule); border-radius: 10px }
h1, h2 { margin: 0 0 0.75rem; font-size: 1.1rem; line-height: 1.35; overflow-wrap: anywhere; white-space: pre-wrap }
h1 { font-size: 1.45rem }
.name { color: var(--mark) }
.name::after { content: ':' }
.message { font-weight: 500 }
.relation { margin: 0; color: var(--dim); font-size: 0.86rem }
.frames { margin: 0; padding: 0; list-style: none }
.frames li { padding: 0.3rem 0; border-top: 1px solid var(--rule); overflow-wrap: anywhere }
.frames li > code { padding-left: 1.1rem }
.foreign { color: var(--dim) }
summary { cursor: pointer }
pre { margin: 0.5rem 0; padding: 0.5rem 0; overflow-x: auto; line-height: 1.55; tab-size: 2 }
pre { background: var(--code); border-radius: 8px }
.line { display: block; width: max-content; min-width: 100%; padding-right: 1rem }
.here { background: var(--here); font-weight: 600 }
.number { display: inline-block; width: 4rem; padding-right: 1rem; text-align: right; color: var(--dim); user-select: none }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: collapse }
th, td { padding: 0.25rem 0; border-top: 1px solid var(--rule); text-align: left; vertical-align: top }
th { width: 16rem; padding-right: 1rem; color: var(--dim); font-size: 0.86rem; font-weight: 500; overflow-wrap: anywhere }
td { overflow-wrap: anywhere }
.error table { margin-bottom: 0.75rem }
footer { padding: 0.5rem 1.25rem 2rem; color: var(--dim); font-size: 0.86rem }
@media (max-width: 40rem) { th, td { display: block; width: 100% } td { border: 0; padding-top: 0 } }
`
