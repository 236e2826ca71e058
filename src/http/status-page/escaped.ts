/** For text and for attributes in double quotes. */
export const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Without what neither HTML nor XML can hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
const plain = (text: string) =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
