import { createHash } from 'node:crypto';

/** The decision page's only style; inline, so that the page needs nothing else, and allowed by its hash alone. */
export const DECISION_STYLE = `
:root{color-scheme:light dark;--paper:light-dark(#fff,#14171a);--ink:light-dark(#15191e,#eceff2);--soft:light-dark(#535c66,#a9b3bd);
--line:light-dark(#d5dae0,#343b43);--panel:light-dark(#f5f7f9,#1c2126);--go:light-dark(#14652f,#2f9e57);--go-ink:light-dark(#fff,#06170c);
--stop:light-dark(#a31515,#ff9d94);--add:light-dark(#0b5d28,#7fdc9f);--focus:light-dark(#0b57d0,#8ab4ff)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:40rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;color:var(--soft);font-size:.9rem}
header strong{color:var(--ink);padding:0 .5rem;border:1px solid var(--soft);border-radius:1rem}
h1{font-size:1.5rem;line-height:1.25;margin:1rem 0 .25rem;text-wrap:balance}
h2{font-size:1.15rem;margin:0 0 .75rem}
p{margin:.5rem 0}
.asked{color:var(--soft)}
blockquote{margin:.5rem 0;padding:.25rem .75rem;border-inline-start:3px solid var(--line)}
dl{margin:1.25rem 0;display:grid;grid-template-columns:minmax(5.5rem,max-content) 1fr;border-block-end:1px solid var(--line)}
dt,dd{margin:0;padding:.5rem 0;border-block-start:1px solid var(--line)}
dt{color:var(--soft);padding-inline-end:1rem}
ul{margin:0;padding-inline-start:1.1rem}
code,pre{font:.9em/1.5 ui-monospace,monospace}
pre{margin:.25rem 0 0;padding:.5rem .75rem;background:var(--panel);border:1px solid var(--line);border-radius:.4rem;white-space:pre-wrap}
del,ins{display:block;text-decoration:none}
del{color:var(--stop)}
ins{color:var(--add)}
form,.notice{margin-block-start:1.25rem;padding:1rem;background:var(--panel);border:1px solid var(--line);border-radius:.6rem}
.notice.error{border-color:var(--stop);border-inline-start-width:.4rem}
label{display:block;font-weight:600}
.hint{color:var(--soft);font-size:.9rem;margin:0 0 .5rem}
.left{color:var(--soft);font-size:.9rem;margin:.75rem 0 0}
textarea{width:100%;min-height:4.5rem;padding:.6rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.4rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-block-start:.75rem}
button{flex:1 1 auto;min-height:3rem;padding:.6rem 1.2rem;font:inherit;font-weight:600;border-radius:.4rem;border:2px solid var(--go);cursor:pointer}
.yes{background:var(--go);color:var(--go-ink)}
.no{background:var(--paper);color:var(--stop);border-color:var(--stop)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
footer{margin-block-start:1.25rem;color:var(--soft);font-size:.9rem}
@media (max-width:26rem){dl{grid-template-columns:1fr}dt{padding-block:.4rem 0}dd{border:0;padding-block:0 .4rem}}
@media print{form{display:none}}
`;

const styleHash = createHash('sha256').update(DECISION_STYLE).digest('base64');

/**
 * Headers for every answer of the page's URL. The link is a secret, so nothing may keep it (no-store), index it, or
 * pass it on (no-referrer); `frame-ancestors` because a framed button is pressed by somebody else (clickjacking).
 */
export const DECISION_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'strict-transport-security': 'max-age=31536000',
};
