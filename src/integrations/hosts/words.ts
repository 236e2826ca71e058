/** 12430 → "12,430". */
export const figure = (value: number): string => value.toLocaleString('en-US')

/** A share as people read it: 0.0123 → "1.23 %", 0.05 → "5 %". */
export const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`

export const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${figure(count)} ${count === 1 ? one : many}`
