/** For text and for attributes in double quotes. */
export const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Without what neither HTML nor XML can hold. */
const plain = (text: string) => text.replace(/(?![\t\n\r])\p{Cc}|\p{Surrogate}|[\ufffe\uffff]/gu, '\ufffd')
