const marks = [
  { sign: <b>B</b>, name: 'Bold', mark: '*' },
  { sign: <i>I</i>, name: 'Italic', mark: '_' },
  { sign: <s>S</s>, name: 'Strikethrough', mark: '~' },
  { sign: '‹›', name: 'Code', mark: '`' },
]

/** Puts marks around what is selected. */
export function FormatButtons({ wrap }: { wrap: (mark: string) => void }) {
  return (
    <div className="format-buttons" role="toolbar" aria-label="Formatting">
      {marks.map(({ sign, name, mark }) => (
        <button
          key={name}
          type="button"
          className="icon-button"
          aria-label={name}
          title={name}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => wrap(mark)}
        >
          {sign}
        </button>
      ))}
    </div>
  )
}
