/** Of the public page: no script, no font and no picture from elsewhere. Meaning never rests on a colour alone. */
export const style = `
:root{color-scheme:light dark;--works:#1a7f37;--slow:#9a6700;--partly:#bc4c00;--down:#cf222e;--line:#8884}
body{margin:0;font:16px/1.5 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.5rem}h3{font-size:1rem;margin:0}
.headline{font-size:1.25rem;padding:.75rem 1rem;border-left:.4rem solid;background:var(--line)}
.works{color:var(--works)}.slow{color:var(--slow)}.partly-down{color:var(--partly)}.down{color:var(--down)}
rect.works{fill:var(--works)}rect.slow{fill:var(--slow)}rect.partly-down{fill:var(--partly)}rect.down{fill:var(--down)}
.components{list-style:none;padding:0}.components li{margin:1rem 0}.components div{display:flex;justify-content:space-between}
svg{width:100%;height:1.5rem}
article{border:1px solid var(--line);border-radius:.4rem;padding:1rem;margin:1rem 0}
article ol{list-style:none;padding:0;margin:0}article li{margin-top:.75rem}article li p{margin:.1rem 0;overflow-wrap:anywhere}
.foot{margin-top:2.5rem;font-size:.9rem}
`.replaceAll('\n', '')
